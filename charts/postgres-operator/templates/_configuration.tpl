{{- /*
From the sections config... of the values to the operator's configuration, for both targets. How each
parameter is written says the generated table "postgres-operator.parameters".
*/ -}}

{{- /*
The `configuration` of an OperatorConfiguration, as YAML. What the chart knows from other values
stands first, and a parameter of that name outranks it.
*/ -}}
{{- define "postgres-operator.configuration" -}}
{{- $configuration := dict -}}
{{- range $section, $about := fromYaml (include "postgres-operator.parameters" .) -}}
  {{- $group := dict -}}
  {{- if eq $about.group "kubernetes" -}}
    {{- $group = fromYaml (include "postgres-operator.knownOfKubernetes" $) -}}
  {{- end -}}
  {{- range $key, $value := fromYaml (tpl (toYaml (get $.Values $section)) $) -}}
    {{- $kind := get $about.kinds $key -}}
    {{- if kindIs "invalid" $value -}}
    {{- else if eq $kind "boolean" -}}
      {{- $_ := set $group $key (eq (toString $value) "true") -}}
    {{- else if eq $kind "integer" -}}
      {{- $_ := set $group $key (int64 $value) -}}
    {{- else if eq $kind "string" -}}
      {{- $_ := set $group $key (include "postgres-operator.text" $value) -}}
    {{- else -}}
      {{- $_ := set $group $key $value -}}
    {{- end -}}
  {{- end -}}
  {{- range $key, $value := fromYaml (include "postgres-operator.fixed" (dict "root" $ "group" $about.group)) -}}
    {{- $_ := set $group $key $value -}}
  {{- end -}}
  {{- if ne $about.group "" -}}
    {{- $_ := set $configuration $about.group $group -}}
  {{- else -}}
    {{- range $key, $value := $group -}}
      {{- $_ := set $configuration $key $value -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toYaml $configuration -}}
{{- end -}}

{{- define "postgres-operator.knownOfKubernetes" -}}
pod_service_account_name: {{ include "postgres-pod.serviceAccountName" . | quote }}
oauth_token_secret_name: {{ include "postgres-operator.fullname" . | quote }}
{{- with .Values.podPriorityClassName.name }}
pod_priority_class_name: {{ . | quote }}
{{- end }}
{{- end -}}

{{- /* What an operator of one namespace cannot do otherwise. */ -}}
{{- define "postgres-operator.fixed" -}}
{{- if eq .root.Values.rbac.scope "namespace" -}}
{{- if eq .group "" -}}
enable_crd_registration: false
{{- else if eq .group "kubernetes" -}}
{{- $own := .root.Release.Namespace -}}
{{- $watched := .root.Values.configKubernetes.watched_namespace | default "*" -}}
{{- if not (has $watched (list "*" $own)) -}}
  {{- fail (printf "configKubernetes.watched_namespace is %s, but with rbac.scope namespace the operator can only watch its own, %s" $watched $own) -}}
{{- end -}}
watched_namespace: {{ $own | quote }}
{{- if not .root.Values.configKubernetes.pod_service_account_role_binding_definition }}
pod_service_account_role_binding_definition: {{ include "postgres-operator.podRoleBinding" .root | quote }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The binding of the pods' ServiceAccount to a Role, as JSON; by itself the operator takes a ClusterRole. */ -}}
{{- define "postgres-operator.podRoleBinding" -}}
{{- $name := include "postgres-pod.serviceAccountName" . -}}
{{- $role := dict "apiGroup" "rbac.authorization.k8s.io" "kind" "Role" "name" $name -}}
{{- $subject := dict "kind" "ServiceAccount" "name" $name -}}
{{- dict "apiVersion" "rbac.authorization.k8s.io/v1" "kind" "RoleBinding" "metadata" (dict "name" $name) "roleRef" $role "subjects" (list $subject) | toJson -}}
{{- end -}}

{{- /*
A value as text: whole numbers without a dot or an exponent; and YAML reads an unquoted off, which some
parameters may be, as false.
*/ -}}
{{- define "postgres-operator.text" -}}
{{- if kindIs "bool" . -}}
{{- ternary "on" "off" . -}}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{- /* The `data` of a ConfigMap, as YAML: one text for each parameter. */ -}}
{{- define "postgres-operator.configMapData" -}}
{{- $data := dict "pod_service_account_name" (include "postgres-pod.serviceAccountName" .) -}}
{{- if or (include "postgres-pod.makesPriorityClass" .) .Values.podPriorityClassName.name -}}
  {{- $_ := set $data "pod_priority_class_name" (include "postgres-pod.priorityClassName" .) -}}
{{- end -}}
{{- range $section, $about := fromYaml (include "postgres-operator.parameters" .) -}}
  {{- if or (ne $about.group "postgres_pod_resources") $.Values.configMapPodResources -}}
  {{- range $key, $value := fromYaml (tpl (toYaml (get $.Values $section)) $) -}}
    {{- if not (kindIs "invalid" $value) -}}
      {{- $about := dict "path" (printf "%s.%s" $section $key) "kind" (get $about.kinds $key) "value" $value -}}
      {{- $_ := set $data $key (include "postgres-operator.configMapText" $about) -}}
    {{- end -}}
  {{- end -}}
  {{- end -}}
  {{- range $key, $value := fromYaml (include "postgres-operator.fixed" (dict "root" $ "group" $about.group)) -}}
    {{- $_ := set $data $key (toString $value) -}}
  {{- end -}}
{{- end -}}
{{- toYaml $data -}}
{{- end -}}

{{- /* One value in the grammar of a ConfigMap. What that grammar cannot hold is refused here. */ -}}
{{- define "postgres-operator.configMapText" -}}
{{- $hint := "; configTarget OperatorConfigurationCRD can hold it" -}}
{{- if eq .kind "crdOnly" -}}
  {{- fail (printf "%s cannot be set in a ConfigMap%s" .path $hint) -}}
{{- else if eq .kind "list" -}}
  {{- range .value -}}
    {{- if contains "," (toString .) -}}
      {{- fail (printf "%s holds %q, whose comma a ConfigMap takes for the end of an item%s" $.path (toString .) $hint) -}}
    {{- end -}}
  {{- end -}}
  {{- join "," .value -}}
{{- else if eq .kind "map" -}}
  {{- include "postgres-operator.configMapPairs" (dict "path" .path "value" .value "hint" $hint) -}}
{{- else if eq .kind "single" -}}
  {{- if gt (len .value) 1 -}}
    {{- fail (printf "%s holds %d items, and a ConfigMap one%s" .path (len .value) $hint) -}}
  {{- else if eq (len .value) 1 -}}
    {{- include "postgres-operator.configMapPairs" (dict "path" .path "value" (first .value) "hint" $hint) -}}
  {{- end -}}
{{- else if eq .kind "json" -}}
  {{- toJson .value -}}
{{- else if eq .kind "boolean" -}}
  {{- toString .value -}}
{{- else -}}
  {{- include "postgres-operator.text" .value -}}
{{- end -}}
{{- end -}}

{{- define "postgres-operator.configMapPairs" -}}
{{- $pairs := list -}}
{{- range $key, $value := .value -}}
  {{- $text := include "postgres-operator.text" $value -}}
  {{- if regexMatch "[,:]" (print $key $text) -}}
    {{- fail (printf "%s holds %q: %q, and in a ConfigMap neither may have a comma or a colon%s" $.path $key $text $.hint) -}}
  {{- end -}}
  {{- $pairs = append $pairs (printf "%s:%s" $key $text) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}
