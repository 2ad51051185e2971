{{- /*
Names and labels. They are those of the chart of Zalando's UI, so that a release of that chart can be
upgraded to this one.
*/ -}}

{{- define "postgres-operator-ui.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "postgres-operator-ui.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $both := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $both | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "postgres-operator-ui.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "postgres-operator-ui.fullname" .) -}}
{{- end -}}

{{- define "postgres-operator-ui.selectorLabels" -}}
app.kubernetes.io/name: {{ include "postgres-operator-ui.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "postgres-operator-ui.labels" -}}
{{ include "postgres-operator-ui.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "postgres-operator-ui.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion | toString -}}
{{- $image := printf "%s:%s" .Values.image.repository $tag -}}
{{- .Values.image.registry | empty | ternary $image (printf "%s/%s" .Values.image.registry $image) -}}
{{- end -}}

{{- /* Role, or nothing where people bring their own rights. */ -}}
{{- define "postgres-operator-ui.roleKind" -}}
{{- if and .Values.rbac.create (ne .Values.signIn.mode "token") -}}
{{- eq .Values.rbac.scope "namespace" | ternary "Role" "ClusterRole" -}}
{{- end -}}
{{- end -}}

{{- define "postgres-operator-ui.roleNamespace" -}}
{{- $target := .Values.envs.targetNamespace -}}
{{- if or (empty $target) (eq $target "*") -}}
{{- fail "rbac.scope namespace needs one namespace in envs.targetNamespace" -}}
{{- end -}}
{{- $target -}}
{{- end -}}
