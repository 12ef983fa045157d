#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tests packaging/ and docs/kubernetes.md as far as possible without a cluster; ./run test calls it:
#   tests/run/packaging.sh
set -eu -o pipefail
# shellcheck source=scripts/lib.sh
. "${BASH_SOURCE%/*}/../../scripts/lib.sh"
# shellcheck source=tests/run/tap.sh
. "${BASH_SOURCE%/*}/tap.sh"

cd "$ROOT"
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

POD=packaging/kubernetes.yaml
RECIPE=packaging/gitlab-ci.yml
PAGE=docs/kubernetes.md
yaml() { gojq --yaml-input -r "$@"; } # EXPRESSION FILE

# nothing COMMAND…: the command prints nothing
nothing() {
    local said
    said=$("$@") || { echo "$said" && return 1; }
    [[ -z $said ]] || { echo "$said" && return 1; }
}

# The pod has the node's namespaces, as the page says, and mounts each path where the node has it.
# shellcheck disable=SC2016 # variables of gojq's
pod_is_whole() {
    yaml '.kind == "Pod" and .apiVersion == "v1" and .metadata.name == "skbtrail" or error("no pod named skbtrail")' "$POD" &&
        yaml '.spec | .hostPID and .hostNetwork and .containers[0].securityContext.privileged or error("not the node itself")' "$POD" &&
        nothing yaml '.spec | (.volumes | map({(.name): .hostPath.path}) | add) as $path
            | .containers[].volumeMounts as $mounts
            | ($mounts[] | select($path[.name] != .mountPath) | "mount \(.name) at \(.mountPath): its volume is \($path[.name])"),
              ($path | keys[] | select(. as $name | all($mounts[]; .name != $name)) | "volume \(.) is mounted nowhere")' "$POD"
}

# /var/run is a link to /run in the image, as on the node.
mounts() { yaml '.spec.containers[].volumeMounts[].mountPath | sub("^/var/run/"; "/run/")' "$POD"; }

# below_mounts: prints the paths on standard input that no mount of the pod contains
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

# command_lines_are_right FILE N: FILE has at least N command lines, and the program accepts each. Because of --help at the
# end it does nothing else.
command_lines_are_right() {
    local words n=0 failed=0
    while read -ra words; do
        n=$((n + 1))
        build/skbtrail "${words[@]}" --help >/dev/null || failed=1
    done < <(sed -nE 's/^[ #]*(kubectl exec [^|]* -- )?skbtrail ([a-z].*)$/\2/p' "$1")
    [[ $n -ge $2 && $failed -eq 0 ]] || { echo "$1: $n command lines, at least $2 expected" && return 1; }
}

# Each option that the text names is an option of some command.
options_exist() {
    local option n=0 failed=0
    while read -r option; do
        n=$((n + 1))
        grep -qE -- "(^|[ ,])$option([ =[,]|\$)" "$TMP/options" || { echo "no option $option" && failed=1; }
    done < <(grep -ohE '[` ]--[a-z][a-z-]+' "$@" | tr -d '` ' | sort -u)
    [[ $n -ge 5 && $failed -eq 0 ]] || { echo "$n options, at least 5 expected" && return 1; }
}
for command in trace 'check same-node' 'check path' record report diff funcs endpoints explain schema doctor; do
    # shellcheck disable=SC2086 # two words
    build/skbtrail $command --help
done >"$TMP/options"

# Debian's kubectl, unpacked below the cache. Nothing of it needs a cluster here.
KUBECTL=$CACHE/kubectl/tree/usr/bin/kubectl
get_kubectl() {
    [[ ! -x $KUBECTL ]] || return 0
    # shellcheck source=scripts/debian.sh
    . scripts/debian.sh
    unpack_all amd64 "$TMP/unpacked" "$(codename)" kubernetes-client && mkdir -p "$CACHE/kubectl" &&
        rm -rf "$CACHE/kubectl/tree" && mv "$TMP/unpacked/tree" "$CACHE/kubectl/tree"
}

# same_pod DIR KIND EXPRESSION: what kustomize makes of DIR has one object of this kind, and its pod is that of the
# manifest but for what the expression of gojq's takes out of both.
same_pod() {
    "$KUBECTL" kustomize "$1" >"$TMP/made" || return 1
    yaml "select(.kind == \"$2\").spec.template.spec" "$TMP/made" | gojq "$3" >"$TMP/pod-made"
    yaml .spec "$POD" | gojq ".containers[0].image += \":latest\" | $3" >"$TMP/pod-wanted"
    [[ -s $TMP/pod-made ]] && diff "$TMP/pod-wanted" "$TMP/pod-made"
}

# The command of the job, with what its map of settings holds, is one that the program accepts.
# shellcheck disable=SC2016 # variables of gojq's
job_is_right() {
    local words
    "$KUBECTL" kustomize packaging/kustomize/job >"$TMP/made" || return 1
    mapfile -t words < <(yaml -s '(.[] | select(.kind == "ConfigMap")) as $map | .[] | select(.kind == "Job").spec.template.spec.containers[0]
        | if .envFrom[0].configMapRef.name != $map.metadata.name then error("another map") else .command[] end
        | gsub("\\$\\((?<name>[A-Z]+)\\)"; $map.data[.name])' "$TMP/made")
    [[ "${words[*]}" == 'skbtrail check same-node --src-ip default/client --dst-ip default/server --ping=5' ]] ||
        { echo "${words[*]}" && return 1; }
    build/skbtrail "${words[@]:1}" --help >/dev/null
}

# The plugin is found by kubectl, and gets its arguments.
plugin_is_found() {
    PATH=packaging:$PATH "$KUBECTL" plugin list >"$TMP/plugins" 2>&1
    grep -q '/kubectl-skbtrail$\|^packaging/kubectl-skbtrail$' "$TMP/plugins" || { cat "$TMP/plugins" && return 1; }
    PATH=$ROOT/packaging:$PATH "$KUBECTL" skbtrail --help >"$TMP/help" && grep -q '^usage: kubectl skbtrail' "$TMP/help"
}

# A kubectl for the recipe: "exec skbtrail -- COMMAND" runs COMMAND here, with $POD_ROOT as the pod's root. It runs the
# check on the recording $RECORDING, after it has tested that the program accepts the recipe's options.
mkdir "$TMP/bin"
cat >"$TMP/bin/kubectl" <<'EOF'
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
chmod +x "$TMP/bin/kubectl"

# Runs the job as a runner does: all lines of the script in one shell, which ends at the first failure.
mkdir -p "$TMP/pod/tmp"
job() { # RECORDING DOCTOR'S-STATUS SHELL…
    local recording=$1 doctor=$2
    shift 2
    rm -rf "$TMP/job" && mkdir "$TMP/job"
    yaml '."same-node".script[]' "$RECIPE" >"$TMP/script" &&
        yaml '."same-node".variables | to_entries[] | "\(.key)=\(.value)"' "$RECIPE" >"$TMP/variables" || return 120
    mapfile -t variables <"$TMP/variables"
    (cd "$TMP/job" && env "${variables[@]}" CI_JOB_ID="$BASHPID" PATH="$TMP/bin:$PATH" POD_ROOT="$TMP/pod" DOCTOR="$doctor" \
        SKBTRAIL="$ROOT/build/skbtrail" RECORDING="$ROOT/$recording" "$@" <"$TMP/script")
}

# ends RECORDING DOCTOR'S-STATUS STATUS ELEMENT SHELL…: the job ends with that status, and the JUnit file that it
# publishes contains the element; "none": there is no file
ends() {
    local status=0 junit element=$4
    junit=$TMP/job/$(yaml '."same-node".artifacts.reports.junit' "$RECIPE")
    job "$1" "$2" "${@:5}" || status=$?
    [[ $status -eq $3 ]] || { echo "exit status $status, wanted: $3" && return 1; }
    if [[ $element == none ]]; then
        [[ ! -e $junit ]] || { echo "$junit exists" && return 1; }
        return 0
    fi
    grep -q "<$element" "$junit" || { echo "no <$element>:"; cat "$junit"; return 1; }
    [[ $element != testcase ]] || ! grep -E '<(failure|error)' "$junit"
}

check "the pod's volumes and namespaces" pod_is_whole
check "the pod has what the program reads" nothing source_paths
check "the pod has what the page names" nothing page_paths
check "command lines of $PAGE" command_lines_are_right "$PAGE" 6
check "command lines of $POD" command_lines_are_right "$POD" 1
check "options that they name" options_exist "$PAGE" "$POD" "$RECIPE"
if why=$(get_kubectl); then
    check "kustomize: the DaemonSet's pod is that of the manifest" same_pod packaging/kustomize/daemonset DaemonSet \
        'del(.nodeName, .restartPolicy)'
    check "kustomize: the Job's pod is that of the manifest" same_pod packaging/kustomize/job Job \
        'del(.containers[0].command, .containers[0].envFrom)'
    check "kustomize: the Job's command" job_is_right
    check "kubectl finds the plugin" plugin_is_found
else
    skip "kustomize, and the plugin by Debian's kubectl" "no kubectl: $why"
fi
for shell in bash sh; do
    words=("$shell" -e)
    [[ $shell != bash ]] || words+=(-o pipefail)
    check "the job of a PASS, by $shell" ends examples/redirect-peer.skbt 0 0 testcase "${words[@]}"
    check "the job of a FAIL, by $shell" ends examples/host-stack.skbt 0 1 failure "${words[@]}"
    check "the job of what is INCONCLUSIVE, by $shell" ends examples/policy-drop.skbt 0 3 error "${words[@]}"
    check "the job of a check that is refused, by $shell" ends no-such-file 0 2 error "${words[@]}"
    check "the job on a node that cannot, by $shell" ends examples/redirect-peer.skbt 2 2 none "${words[@]}"
done
finish
