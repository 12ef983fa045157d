#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What of packaging/ and docs/kubernetes.md can be looked at without a cluster; ./run test
# calls it:
#   scripts/test-packaging.sh REPORT-DIR
# leaves lines for ./run test in REPORT-DIR/packaging.lines.
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

report=$1
cd "$ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec >"$report/packaging.lines"

POD=packaging/kubernetes.yaml
RECIPE=packaging/gitlab-ci.yml
PAGE=docs/kubernetes.md
yaml() { gojq --yaml-input -r "$@"; } # EXPRESSION FILE

# nothing COMMAND…: it prints nothing
nothing() {
    local said
    said=$("$@") || { echo "$said" && return 1; }
    [[ -z $said ]] || { echo "$said" && return 1; }
}

# The node's namespaces, as the page says, and each path where the node has it.
# shellcheck disable=SC2016 # variables of gojq's
pod_is_whole() {
    yaml '.kind == "Pod" and .apiVersion == "v1" and .metadata.name == "skbtrail" or error("no pod named skbtrail")' "$POD" &&
        yaml '.spec | .hostPID and .hostNetwork and .containers[0].securityContext.privileged or error("not the node itself")' "$POD" &&
        nothing yaml '.spec | (.volumes | map({(.name): .hostPath.path}) | add) as $path
            | .containers[].volumeMounts as $mounts
            | ($mounts[] | select($path[.name] != .mountPath) | "mount \(.name) at \(.mountPath): its volume is \($path[.name])"),
              ($path | keys[] | select(. as $name | all($mounts[]; .name != $name)) | "volume \(.) is mounted nowhere")' "$POD"
}

# /var/run is /run in the image, as on the node.
mounts() { yaml '.spec.containers[].volumeMounts[].mountPath | sub("^/var/run/"; "/run/")' "$POD"; }

# below_mounts: of the paths on standard input those that no mount of the pod has
below_mounts() {
    local path mount
    while read -r path; do
        path=${path/#\/var\/run\//\/run/}
        while read -r mount; do
            [[ $path/ != "$mount"/* ]] || continue 2
        done < <(mounts)
        echo "not mounted: $path"
    done
}
source_paths() { git grep -ohE '"/(run|var|sys/kernel/(debug|tracing))\b[^"%]*"' src | tr -d '"' | sed 's|/$||' | sort -u | below_mounts; }
page_paths() { grep -oE '`/(run|var)/[^` ]*`' "$PAGE" | tr -d '`' | sort -u | below_mounts; }

# command_lines_are_right FILE N: the program itself reads each command line, of which there are N or more; --help, which
# comes last, keeps it from going on.
command_lines_are_right() {
    local words n=0 failed=0
    while read -ra words; do
        n=$((n + 1))
        build/skbtrail "${words[@]}" --help >/dev/null || failed=1
    done < <(sed -nE 's/^[ #]*(kubectl exec [^|]* -- )?skbtrail ([a-z].*)$/\2/p' "$1")
    [[ $n -ge $2 && $failed -eq 0 ]] || { echo "$1: $n command lines, of $2 and more" && return 1; }
}

# Options that the text speaks of, of whatever command.
options_exist() {
    local option n=0 failed=0
    while read -r option; do
        n=$((n + 1))
        grep -qE -- "(^|[ ,])$option([ =[,]|\$)" "$work/options" || { echo "no option $option" && failed=1; }
    done < <(grep -ohE '[` ]--[a-z][a-z-]+' "$@" | tr -d '` ' | sort -u)
    [[ $n -ge 5 && $failed -eq 0 ]] || { echo "$n options, of 5 and more" && return 1; }
}
for command in trace 'check same-node' 'check path' record report diff funcs endpoints explain doctor; do
    # shellcheck disable=SC2086 # two words
    build/skbtrail $command --help
done >"$work/options"

# kubectl, as the recipe knows it: "exec skbtrail -- COMMAND" runs COMMAND here, below $POD_ROOT. The check is that of a
# recording, $RECORDING; whether the program would take the recipe's own options is seen before.
mkdir "$work/bin"
cat >"$work/bin/kubectl" <<'EOF'
#!/bin/bash
[[ "$1 $2 $3" == 'exec skbtrail --' ]] || exit 125
shift 3
[[ $1 == skbtrail ]] || exec "${@//\/tmp\//$POD_ROOT/tmp/}"
"$SKBTRAIL" "${@:2}" --help >/dev/null || exit 124
[[ $2 != doctor ]] || exit "$DOCTOR"
[[ "$2 $3" == 'check same-node' ]] || exit 123
shift 3
while [[ $# -gt 0 ]]; do
    case $1 in
    --src-ip) [[ $2 == default/client ]] || exit 122; shift 2 ;;
    --dst-ip) [[ $2 == default/server ]] || exit 122; shift 2 ;;
    --junit) junit=$POD_ROOT$2; shift 2 ;;
    --ping=*) shift ;;
    *) exit 121 ;;
    esac
done
exec "$SKBTRAIL" check same-node --src-ip 10.0.0.133 --dst-ip 10.0.0.67 --read "$RECORDING" --junit "$junit"
EOF
chmod +x "$work/bin/kubectl"

# The job as a runner has it: each line of the script, in one shell that ends with the first that fails.
mkdir -p "$work/pod/tmp"
job() { # RECORDING DOCTOR'S-STATUS SHELL…
    local recording=$1 doctor=$2
    shift 2
    rm -rf "$work/job" && mkdir "$work/job"
    yaml '."same-node".script[]' "$RECIPE" >"$work/script" &&
        yaml '."same-node".variables | to_entries[] | "\(.key)=\(.value)"' "$RECIPE" >"$work/variables" || return 120
    mapfile -t variables <"$work/variables"
    (cd "$work/job" && env "${variables[@]}" CI_JOB_ID="$BASHPID" PATH="$work/bin:$PATH" POD_ROOT="$work/pod" DOCTOR="$doctor" \
        SKBTRAIL="$ROOT/build/skbtrail" RECORDING="$ROOT/$recording" "$@" <"$work/script")
}

# ends RECORDING DOCTOR'S-STATUS STATUS ELEMENT SHELL…: the job ends with that status, and the JUnit file that it
# publishes has the element; none: there is no file
ends() {
    local status=0 junit element=$4
    junit=$work/job/$(yaml '."same-node".artifacts.reports.junit' "$RECIPE")
    job "$1" "$2" "${@:5}" || status=$?
    [[ $status -eq $3 ]] || { echo "exit status $status, wanted: $3" && return 1; }
    if [[ $element == none ]]; then
        [[ ! -e $junit ]] || { echo "there is $junit" && return 1; }
        return 0
    fi
    grep -q "<$element" "$junit" || { echo "no <$element>:"; cat "$junit"; return 1; }
    [[ $element != testcase ]] || ! grep -E '<(failure|error)' "$junit"
}

outcome "packaging/the pod's volumes and namespaces" pod_is_whole
outcome "packaging/the pod has what the program reads" nothing source_paths
outcome "packaging/the pod has what the page names" nothing page_paths
outcome "packaging/command lines of $PAGE" command_lines_are_right "$PAGE" 6
outcome "packaging/command lines of $POD" command_lines_are_right "$POD" 1
outcome "packaging/options that they name" options_exist "$PAGE" "$POD" "$RECIPE"
for shell in bash sh; do
    words=("$shell" -e)
    [[ $shell != bash ]] || words+=(-o pipefail)
    outcome "packaging/the job of a PASS, by $shell" ends examples/redirect-peer.skbt 0 0 testcase "${words[@]}"
    outcome "packaging/the job of a FAIL, by $shell" ends examples/host-stack.skbt 0 1 failure "${words[@]}"
    outcome "packaging/the job of what is INCONCLUSIVE, by $shell" ends examples/policy-drop.skbt 0 3 error "${words[@]}"
    outcome "packaging/the job of a check that is refused, by $shell" ends no-such-file 0 2 none "${words[@]}"
    outcome "packaging/the job on a node that cannot, by $shell" ends examples/redirect-peer.skbt 2 2 none "${words[@]}"
done
