#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots a Debian kernel in QEMU with this machine's root file system and runs a
# command there as root, in the checkout's directory:
#   ./run vm [OPTIONS] -- COMMAND [ARGUMENT…]
# Shows the command's output live and ends with its exit status. Nothing that it
# writes is kept, except in /results with --results.
#
# Other exit statuses: 125 if the guest failed (hung, panicked, gave no result),
# 3 if the kernel cannot be downloaded or does not support the topology.
#
# With --arch arm64 the root file system is made of Debian packages (scripts/guest-root.sh),
# and build-arm64/ (./run arm64) is build/ in the guest.
#
# The default is emulation: nested KVM can hang. SKBTRAIL_KVM=1 uses KVM.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
    cat <<'END'
usage: ./run vm [OPTIONS] -- COMMAND [ARGUMENT...]
  --kernel 5.10|6.1|6.12|newest  Debian kernel to boot (default: 6.1); with -rt behind it, its real-time build
  --arch amd64|arm64             architecture (default: amd64)
  --topology NAME                set up two pods first (build/tests/vm/topo list)
  --cpus N                       number of emulated CPUs (default: 1)
  --memory MIB                   memory of the guest (default: 1536)
  --icount                       let the guest's clock count instructions, a nanosecond each: slower, but reproducible
  --append WORD                  add a word to the kernel's command line; can be repeated
  --timeout SECONDS              time limit of the guest (default: 300)
  --results DIR                  directory that is /results in the guest
  --console FILE                 file for the console log of a failed guest
END
}

kernel_name=6.1 arch=amd64 topology='' cpus=1 memory=1536 limit=300 results='' console='' icount=() more_append=''
while [[ $# -gt 0 ]]; do
    option=$1
    case $option in
    --) shift && break ;;
    -h | --help) usage && exit 0 ;;
    --icount) # without polling, the clock of an idle CPU would jump to the next timer
        icount=(-icount "shift=0,sleep=off") more_append+=" idle=poll nohlt" # for x86-64 and for arm64
        shift
        ;;
    --*=*)
        set -- "${option%%=*}" "${option#*=}" "${@:2}"
        continue
        ;;
    --kernel | --arch | --topology | --cpus | --memory | --append | --timeout | --results | --console)
        [[ $# -ge 2 ]] || die "$option needs a value"
        case $option in
        --kernel) kernel_name=$2 ;;
        --arch) arch=$2 ;;
        --topology) topology=$2 ;;
        --cpus) cpus=$2 ;;
        --memory) memory=$2 ;;
        --append) more_append+=" $2" ;;
        --timeout) limit=$2 ;;
        --results) results=$2 ;;
        --console) console=$2 ;;
        esac
        shift 2
        ;;
    -*) die "unknown option $option (./run vm --help)" ;;
    *) break ;;
    esac
done
[[ $# -gt 0 ]] || die "no command (./run vm --help)"
for number in "$cpus" "$memory" "$limit"; do
    [[ $number =~ ^[1-9][0-9]*$ ]] || die "not a number: $number"
done
[[ ${#icount[@]} -eq 0 || ${SKBTRAIL_KVM-} != 1 ]] || die "--icount: works only in emulation"
[[ $arch == amd64 || $arch == arm64 ]] || die "unknown architecture '$arch': must be amd64 or arm64"
build=build
[[ $arch == amd64 ]] || build=build-$arch
if [[ -n $topology ]]; then
    [[ -x $ROOT/$build/tests/vm/topo ]] || die "$build/tests/vm/topo is missing (./run build, ./run arm64)"
    # For another architecture, topo checks the name in the guest.
    [[ $arch != amd64 || $'\n'$("$ROOT/build/tests/vm/topo" list) == *$'\n'"$topology "* ]] ||
        die "unknown topology '$topology' (build/tests/vm/topo list)"
fi

qemu=$("$ROOT/scripts/qemu.sh" "$arch")
mapfile -t qemu <<<"$qemu"
kernel=$("$ROOT/scripts/kernel.sh" --arch "$arch" "$kernel_name")
base='' busybox=()
if [[ $arch != amd64 ]]; then
    base=$("$ROOT/scripts/guest-root.sh" "$arch")
    base=$(readlink -f "$base")
    busybox=("$base/usr/bin/busybox")
fi
initramfs=$("$ROOT/scripts/initramfs.sh" "$kernel" "${busybox[@]}")

# The control share: tells the guest what to do, and holds the result.
ctl=$(mktemp -d "${TMPDIR:-/tmp}/skbtrail-vm.XXXXXX")
qemu_pid=''
# shellcheck disable=SC2317 # called by the trap
cleanup() {
    if [[ -n $qemu_pid ]]; then
        kill "$qemu_pid" 2>/dev/null || true # timeout(1) passes it on
    fi
    rm -rf "$ctl"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

{
    printf 'GUEST_ROOT=%q\n' "$ROOT"
    printf 'GUEST_KERNEL=%q\n' "$(readlink -f "$kernel")"
    printf 'GUEST_BASE=%q\n' "$base"
    printf 'GUEST_BUILD=%q\n' "${base:+$build}"
    printf 'GUEST_TOPOLOGY=%q\n' "$topology"
    printf 'GUEST_RESULTS=%q\n' "${results:+1}"
} >"$ctl/env"
{
    for name in NO_COLOR CI "${!SKBTRAIL_@}"; do
        [[ -z ${!name+set} ]] || printf 'export %s=%q\n' "$name" "${!name}"
    done
    printf 'exec'
    printf ' %q' "$@"
    echo
} >"$ctl/command"

if [[ $arch == arm64 ]]; then
    # Emulating a CPU that signs return addresses is slow. SKBTRAIL_CPU=max chooses one.
    machine=(-machine virt) tty=ttyAMA0 CPU=${SKBTRAIL_CPU:-cortex-a72}
else
    # Without the string instructions of SSE 4.2, which the C library prefers and which emulate slowly.
    machine=() tty=ttyS0 CPU=Nehalem,-cx16,-sse4.2
    # The kernel panics if a timer interrupt comes late, which happens on a busy host.
    more_append+=" no_timer_check"
fi
accel=(-accel tcg -cpu "$CPU")
[[ $cpus -eq 1 ]] || accel=(-accel "tcg,thread=single" -cpu "$CPU")
[[ ${SKBTRAIL_KVM-} != 1 ]] || accel=(-accel kvm -cpu host)
shares=(-virtfs "local,path=/,mount_tag=rootfs,security_model=none,readonly=on,multidevs=remap"
    -virtfs "local,path=${ctl//,/,,},mount_tag=ctl,security_model=none,multidevs=remap")
if [[ -n $results ]]; then
    mkdir -p "$results"
    results=$(cd "$results" && pwd -P)
    shares+=(-virtfs "local,path=${results//,/,,},mount_tag=results,security_model=none,multidevs=remap")
fi

# Pipes between QEMU and our output. If our output is closed early (… | head), the
# guest's output is still read, so that the guest can end.
exec 7> >(trap '' INT; cat || cat >/dev/null) && out_pid=$!
exec 8> >(trap '' INT; cat >&2 || cat >/dev/null) && err_pid=$!
timeout -k 5 "$limit" "${qemu[@]}" -nodefaults -no-user-config -display none -no-reboot \
    "${machine[@]}" "${accel[@]}" "${icount[@]}" -smp "$cpus" -m "$memory" \
    -kernel "$kernel/vmlinuz" -initrd "$initramfs" \
    -append "console=$tty quiet loglevel=4 cryptomgr.notests mitigations=off panic=-1 random.trust_cpu=on sysctl.kernel.hung_task_timeout_secs=0 $more_append" \
    -chardev "file,id=console,path=$ctl/console" -serial chardev:console \
    -device virtio-rng-pci -device virtio-serial-pci \
    -chardev file,id=out,path=/dev/fd/7 -device virtserialport,chardev=out,name=out \
    -chardev file,id=err,path=/dev/fd/8 -device virtserialport,chardev=err,name=err \
    "${shares[@]}" </dev/null >"$ctl/qemu.log" 2>&1 &
qemu_pid=$!
exec 7>&- 8>&-
qemu_status=0
{ wait "$qemu_pid" || qemu_status=$?; } 2>/dev/null
qemu_pid=''
{ wait "$out_pid" "$err_pid" || true; } 2>/dev/null

if [[ -e $ctl/status ]]; then
    status=$(<"$ctl/status")
    if [[ -e $ctl/topology-failed && $status -ne 3 ]]; then
        die -125 "$(<"$ctl/topology-failed")"
    fi
    exit "$status"
fi
[[ -n $console ]] || console=$(mktemp "${TMPDIR:-/tmp}/skbtrail-console.XXXXXX")
cat "$ctl/qemu.log" "$ctl/console" >"$console" 2>/dev/null || true
if [[ -e $ctl/broken ]]; then
    why="cannot be set up: $(<"$ctl/broken")"
elif panic=$(grep -m1 -o 'Kernel panic.*' "$console"); then
    why="panicked (${panic%$'\r'})"
elif [[ $qemu_status -ne 124 && $qemu_status -ne 137 ]]; then
    why="ended without a result"
elif [[ -e $ctl/booted ]]; then
    why="gave no result within $limit s"
else
    why="did not boot within $limit s"
fi
tail -n 15 "$console" | tr -d '\r' | sed 's/^/  console| /' >&2
die -125 "the $kernel_name guest $why; its console: $console"
