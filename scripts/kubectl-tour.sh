#!/usr/bin/env bash
# shellcheck disable=SC2001,SC2016
# Every verb of kubectl against an API server, each with its output checked.
#
#   scripts/kubectl-tour.sh KUBECONFIG [STEP...]
#
# The server must be fresh, and the kubeconfig an administrator's. One line for each step; exit 1 when one fails.
# Steps that need a newer kubectl than the one found are named as skipped. STEP: run only those whose name begins so.
set -uo pipefail
export KUBECONFIG=$1
shift
only=("$@")
work=$(mktemp -d "${TMPDIR:-/tmp}/poplin-tour.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work KUBECTL_EXTERNAL_DIFF="diff -u"
kubectl=${KUBECTL:-/usr/bin/kubectl}
[[ -x $kubectl ]] || kubectl=kubectl
# `timeout` runs programs, not functions.
mkdir bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$(command -v "$kubectl")" >bin/k
printf '#!/bin/sh\nexec bash -c "$1"\n' >bin/sh_
chmod +x bin/k bin/sh_
PATH=$work/bin:$PATH
minor=$(k version --client -o json 2>/dev/null | sed -n 's/.*"minor": "\([0-9]*\).*/\1/p' | head -1)

passed=0 failed=0 skipped=0 out=''
wanted() {
    ((${#only[@]} == 0)) && return 0
    local prefix
    for prefix in "${only[@]}"; do [[ $1 == "$prefix"* ]] && return 0; done
    return 1
}
# step NAME PATTERN COMMAND...: the command succeeds, and its output (both streams) matches the extended pattern.
step() {
    local name=$1 pattern=$2
    shift 2
    wanted "$name" || return 0
    if out=$(timeout 60 "$@" 2>&1) && grep -qE -- "$pattern" <<<"$out"; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$name"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s: wanted /%s/\n' "$name" "$pattern"
        sed 's/^/        /' <<<"$out" | head -12
    fi
}
# refused NAME PATTERN COMMAND...: the command fails, and says so.
refused() {
    local name=$1 pattern=$2
    shift 2
    wanted "$name" || return 0
    if ! out=$(timeout 60 "$@" 2>&1) && grep -qE -- "$pattern" <<<"$out"; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$name"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s: wanted a refusal /%s/\n' "$name" "$pattern"
        sed 's/^/        /' <<<"$out" | head -12
    fi
}
skip() {
    skipped=$((skipped + 1))
    printf 'skipped %s: %s\n' "$1" "$2"
}
export kubectl

cat >deployment.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1.25", ports: [{containerPort: 80, name: http}]}
YAML
cat >pod.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: one, labels: {app: one, tier: front}}
spec:
  containers:
  - {name: main, image: busybox, command: [sleep, "3600"]}
YAML
cat >config.yaml <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {set: prune}}
data: {colour: green, size: "10"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: extra, labels: {set: prune}}
data: {a: b}
YAML
cat >node.yaml <<'YAML'
apiVersion: v1
kind: Node
metadata: {name: node-a, labels: {kubernetes.io/hostname: node-a}}
YAML

# The server itself
step version 'Server Version: v1\.' k version
step cluster-info 'Kubernetes control plane.*is running at' k cluster-info
step raw-readyz '^ok' k get --raw /readyz
step raw-metrics 'apiserver_request_total' k get --raw /metrics
step api-versions 'networking.k8s.io/v1' k api-versions
step api-resources 'pods +po +v1 +true +Pod' k api-resources
step api-resources-wide 'create,delete' k api-resources -o wide --namespaced=true
step config-view 'current-context: poplin' k config view
step config-current 'poplin' k config current-context
step auth-can-i '^yes' k auth can-i create deployments
step auth-whoami 'kubernetes-admin' k auth whoami
step auth-list 'Resources' k auth can-i --list
step namespaces 'kube-system +Active' k get namespaces

# Making things
step create-file 'pod/one created' k create -f pod.yaml
refused create-again 'pods "one" already exists' k create -f pod.yaml
step create-namespace 'namespace/team created' k create namespace team
step create-configmap 'configmap/literal created' k create configmap literal --from-literal=a=1 --from-literal=b=2
step create-secret 'secret/hidden created' k create secret generic hidden --from-literal=password=x
step create-serviceaccount 'serviceaccount/robot created' k create serviceaccount robot
step create-token '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' k create token robot
step create-role 'role.rbac.authorization.k8s.io/reader created' k create role reader --verb=get,list --resource=pods
step create-rolebinding 'rolebinding.rbac.authorization.k8s.io/readers created' \
    k create rolebinding readers --role=reader --serviceaccount=default:robot
step auth-as-robot '^yes' k auth can-i list pods --as=system:serviceaccount:default:robot
refused auth-as-robot-not '^no' k auth can-i delete pods --as=system:serviceaccount:default:robot
refused forbidden 'cannot list resource "secrets" in API group ""' k get secrets --as=system:serviceaccount:default:robot
step run 'pod/two created' k run two --image=busybox --labels=app=two
step run-dry 'image: busybox' k run three --image=busybox --dry-run=client -o yaml
step run-dry-server 'pod/three created \(server dry run\)' k run three --image=busybox --dry-run=server
refused run-dry-left 'pods "three" not found' k get pod three

# Looking
step get '^one +0/1 +Pending' k get pods
step get-wide 'NOMINATED NODE' k get pods -o wide
step get-yaml 'kind: Pod' k get pod one -o yaml
step get-json '"kind": "Pod"' k get pod one -o json
step get-name '^pod/one$' k get pod one -o name
step get-jsonpath '^busybox$' k get pod one -o 'jsonpath={.spec.containers[0].image}'
step get-template '^one$' k get pod one -o 'go-template={{.metadata.name}}{{"\n"}}'
step get-columns '^one +busybox' k get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image
step get-all-namespaces '^default +one' k get pods -A
step get-label '^one ' k get pods -l app=one
step get-label-set '^one ' k get pods -l 'app in (one,x),tier!=back'
step get-label-none 'No resources found' k get pods -l app=nothing
step get-field '^one ' k get pods --field-selector metadata.name=one
step get-field-phase '^one ' k get pods --field-selector status.phase=Pending
step get-sorted '^two' sh_ '"$kubectl" get pods --sort-by=.metadata.name --no-headers | tail -1'
step get-show-labels 'app=one,tier=front' k get pods --show-labels
step get-label-columns '^one .* front' k get pods -L tier
step get-chunks '^two' k get pods --chunk-size=1
step get-several 'configmap/literal' k get pods,configmaps
step get-raw '"kind":"PodList"' k get --raw /api/v1/namespaces/default/pods
refused get-missing 'Error from server \(NotFound\): pods "none" not found' k get pod none
refused get-unknown "the server doesn't have a resource type" k get gadgets
step get-watch '^late ' sh_ '(sleep 1; "$kubectl" run late --image=busybox >/dev/null) & timeout 20 "$kubectl" get pods -w --no-headers | grep -m1 "^late"; true'
step describe 'Image: +busybox' k describe pod one
step describe-namespace 'Status: +Active' k describe namespace team
step events 'No events found|LAST SEEN' k events
step explain 'FIELDS:' k explain pod
step explain-deep 'containerPort' k explain pod.spec.containers.ports
step explain-recursive 'matchLabels' k explain networkpolicy.spec --recursive

# Changing
step apply 'deployment.apps/web created' k apply -f deployment.yaml
step apply-again 'deployment.apps/web unchanged' k apply -f deployment.yaml
step apply-changed 'deployment.apps/web configured' sh_ 'sed s/1.25/1.26/ deployment.yaml | "$kubectl" apply -f -'
step apply-changed-seen '^nginx:1.26$' k get deployment web -o 'jsonpath={.spec.template.spec.containers[0].image}'
step apply-dry 'configured \(server dry run\)' k apply --dry-run=server -f deployment.yaml
step apply-last '"image":"nginx:1.26"|image: nginx:1.26' k apply view-last-applied deployment/web
step diff '^\+.*nginx:1.25' sh_ '"$kubectl" diff -f deployment.yaml; [[ $? == 1 ]]'
step apply-server 'configmap/settings serverside-applied' k apply --server-side -f config.yaml
step apply-server-manager 'manager: kubectl' k get configmap settings -o yaml --show-managed-fields
refused apply-server-conflict 'conflict' sh_ \
    'sed s/green/red/ config.yaml | "$kubectl" apply --server-side --field-manager=other -f -'
step apply-server-force 'serverside-applied' sh_ \
    'sed s/green/red/ config.yaml | "$kubectl" apply --server-side --field-manager=other --force-conflicts -f -'
step apply-server-forced '^red$' k get configmap settings -o 'jsonpath={.data.colour}'
cat >prune.yaml <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: {name: keep, labels: {set: p2}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: go, labels: {set: p2}}
YAML
step apply-prune-first 'configmap/go created' k apply -f prune.yaml
step apply-prune 'configmap/go pruned' sh_ \
    'sed "/^---/,\$d" prune.yaml | "$kubectl" apply --prune -l set=p2 --prune-allowlist=core/v1/ConfigMap -f -'
printf '#!/bin/sh\nsed -i s/busybox/alpine/ "$1"\n' >editor
chmod +x editor
step edit 'pod/one edited' sh_ 'EDITOR="$PWD/editor" "$kubectl" edit pod one'
step edit-seen '^alpine$' k get pod one -o 'jsonpath={.spec.containers[0].image}'
step patch-strategic 'deployment.apps/web patched' \
    k patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","imagePullPolicy":"Never"}]}}}}'
step patch-strategic-seen '^nginx:1.26 Never$' k get deployment web -o \
    'jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].imagePullPolicy}'
step patch-merge 'configmap/literal patched' k patch configmap literal --type=merge -p '{"data":{"a":"9","b":null}}'
step patch-merge-seen '^\{"a":"9"\}$' k get configmap literal -o 'jsonpath={.data}'
step patch-json 'configmap/literal patched' \
    k patch configmap literal --type=json -p '[{"op":"test","path":"/data/a","value":"9"},{"op":"add","path":"/data/c","value":"3"}]'
refused patch-json-test 'request is invalid' k patch configmap literal --type=json -p '[{"op":"test","path":"/data/a","value":"no"}]'
step replace 'configmap/literal replaced' sh_ \
    '"$kubectl" get configmap literal -o yaml | sed "s/c: \"3\"/c: \"4\"/" | "$kubectl" replace -f -'
refused replace-stale 'the object has been modified' sh_ \
    '"$kubectl" get configmap literal -o yaml | sed "s/resourceVersion: .*/resourceVersion: \"1\"/;s/c: \"4\"/c: \"5\"/" | "$kubectl" replace -f -'
step scale 'deployment.apps/web scaled' k scale deployment web --replicas=5
step scale-seen '^5$' k get deployment web -o 'jsonpath={.spec.replicas}'
refused scale-precondition 'Expected replicas to be 9|precondition' k scale deployment web --current-replicas=9 --replicas=1
step label 'pod/one labeled' k label pod one colour=blue
refused label-again 'overwrite is false' k label pod one colour=red
step label-overwrite 'pod/one labeled' k label --overwrite pod one colour=red
step label-remove 'pod/one unlabeled' k label pod one colour-
step annotate 'pod/one annotated' k annotate pod one note=hello
step set-image 'deployment.apps/web image updated' k set image deployment/web web=nginx:1.27
step set-env 'deployment.apps/web env updated' k set env deployment/web LEVEL=3
step set-resources 'deployment.apps/web resource requirements updated' k set resources deployment web --limits=cpu=200m,memory=64Mi
step expose 'service/web exposed' k expose deployment web --port=80 --target-port=http
step expose-seen 'ClusterIP +10\.' k get service web
step describe-service 'Selector: +app=web' k describe service web
step rollout-status-waiting 'Waiting for deployment' sh_ '"$kubectl" rollout status deployment/web --timeout=2s; true'
step rollout-history 'deployment.apps/web' k rollout history deployment/web
step rollout-restart 'deployment.apps/web restarted' k rollout restart deployment/web
step status-patch 'deployment.apps/web patched' k patch deployment web --subresource=status --type=merge \
    -p '{"status":{"observedGeneration":99,"replicas":5,"updatedReplicas":5,"availableReplicas":5,"readyReplicas":5}}'
step rollout-status 'successfully rolled out' k rollout status deployment/web --timeout=20s

# Nodes
step node 'node/node-a created' k create -f node.yaml
step taint 'node/node-a tainted' k taint node node-a key=value:NoSchedule
step taint-remove 'node/node-a untainted' k taint node node-a key-
step cordon 'node/node-a cordoned' k cordon node-a
step cordon-seen 'SchedulingDisabled' k get node node-a
step drain 'node/node-a drained' k drain node-a --ignore-daemonsets --force
step uncordon 'node/node-a uncordoned' k uncordon node-a
step describe-node 'Unschedulable: +false' k describe node node-a

# Custom resources
cat >crd.yaml <<'YAML'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget, shortNames: [gd]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties: {size: {type: integer, minimum: 1, description: How large it is.}}
YAML
printf 'apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g1}\nspec: {size: 3}\n' >gadget.yaml
step crd 'customresourcedefinition.apiextensions.k8s.io/gadgets.example.com created' k apply -f crd.yaml
step crd-wait 'condition met' k wait --for=condition=established crd/gadgets.example.com --timeout=20s
step crd-object 'gadget.example.com/g1 created' k apply -f gadget.yaml
step crd-column '^g1 +3' k get gd
step crd-explain 'How large it is' k explain gadget.spec.size
refused crd-invalid 'spec.size' sh_ 'sed s/3/0/ gadget.yaml | "$kubectl" apply -f -'
refused crd-rule-in-branch \
    'openAPIV3Schema.properties\[spec\].anyOf\[0\].x-kubernetes-validations: Forbidden: must be empty to be structural' sh_ \
    'sed -e s/gadget/widget/g -e s/Gadget/Widget/ -e "/required:/a\            anyOf: [{x-kubernetes-validations: [{rule: self.size > 1}]}]" crd.yaml |
     "$kubectl" apply -f -'

# Waiting and deleting
step wait-jsonpath 'condition met' k wait pod/one --for=jsonpath='{.status.phase}'=Pending --timeout=20s
step wait-delete 'condition met' sh_ \
    '(sleep 1; "$kubectl" delete pod two --force --grace-period=0 >/dev/null 2>&1) & "$kubectl" wait pod/two --for=delete --timeout=30s'
step finalizer 'configmap/extra patched' k patch configmap extra --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'
step finalizer-delete 'configmap "extra" deleted' k delete configmap extra --wait=false
step finalizer-holds 'deletionTimestamp' k get configmap extra -o yaml
step finalizer-release 'configmap/extra patched' k patch configmap extra --type=merge -p '{"metadata":{"finalizers":null}}'
refused finalizer-gone 'not found' k get configmap extra
step delete-label 'pod "late" (force )?deleted|pod "late" deleted' k delete pod -l run=late --force --grace-period=0
step delete-cascade 'deployment.apps "web" deleted' k delete deployment web --cascade=foreground --timeout=30s
step delete-orphan 'service "web" deleted' k delete service web --cascade=orphan
step delete-collection 'configmap "literal" deleted' k delete configmaps literal settings keep
step delete-namespace 'namespace "team" deleted' k delete namespace team --timeout=40s
refused delete-missing 'not found' k delete pod none
step delete-ignore '' k delete pod none --ignore-not-found

if [[ -z $minor || $minor -lt 31 ]]; then
    skip exec-websocket "kubectl 1.${minor:-?} does not speak WebSocket; 1.31 or later does"
else
    # A pod without a node has no kubelet to talk to: the server says which.
    refused exec-websocket 'pod one does not have a host assigned|BadRequest|not.*assigned' k exec one -- true
    # Its log is empty, as kube-apiserver has it.
    step logs '^$' k logs one
fi

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
