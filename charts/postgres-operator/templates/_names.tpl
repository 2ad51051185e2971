{{- /*
Names and labels. They are those of the chart of Zalando's operator, so that a release of that chart
can be upgraded to this one: every object keeps its name, and the Deployment its selector.
*/ -}}

{{- define "postgres-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The release's name where it already contains the chart's, else both. */ -}}
{{- define "postgres-operator.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $both := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $both | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "postgres-operator.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "postgres-operator.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "postgres-operator.fullname" .) -}}
{{- end -}}

{{- define "postgres-pod.serviceAccountName" -}}
{{- .Values.podServiceAccount.name | default (printf "%s-pod" (include "postgres-operator.fullname" .)) -}}
{{- end -}}

{{- define "postgres-pod.priorityClassName" -}}
{{- .Values.podPriorityClassName.name | default (printf "%s-pod" (include "postgres-operator.fullname" .)) -}}
{{- end -}}

{{- /* Whether a priority class is made: not by somebody with rights in one namespace alone. */ -}}
{{- define "postgres-pod.makesPriorityClass" -}}
{{- if and .Values.podPriorityClassName.create (eq .Values.rbac.scope "cluster") -}}
true
{{- end -}}
{{- end -}}

{{- define "postgres-operator.controllerID" -}}
{{- .Values.controllerID.name | default (include "postgres-operator.fullname" .) -}}
{{- end -}}

{{- define "postgres-operator.labels" -}}
{{ include "postgres-operator.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ include "postgres-operator.chart" . }}
{{- end -}}

{{- define "postgres-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "postgres-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "postgres-operator.roleKind" -}}
{{- eq .Values.rbac.scope "namespace" | ternary "Role" "ClusterRole" -}}
{{- end -}}

{{- define "postgres-operator.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion | toString -}}
{{- $image := printf "%s:%s" .Values.image.repository $tag -}}
{{- .Values.image.registry | empty | ternary $image (printf "%s/%s" .Values.image.registry $image) -}}
{{- end -}}

{{- /* The port of the HTTP interface, which is a parameter of the operator. */ -}}
{{- define "postgres-operator.port" -}}
{{- tpl (toString .Values.configLoggingRestApi.api_port) . | default "8080" | int -}}
{{- end -}}

{{- /* The Secret with the certificate of the webhook. */ -}}
{{- define "postgres-operator.admissionSecret" -}}
{{- .Values.admission.certificate.secretName | default (printf "%s-admission" (include "postgres-operator.fullname" .)) -}}
{{- end -}}

{{- /* Arguments of the operator. */ -}}
{{- define "postgres-operator.args" -}}
{{- $args := list }}
{{- if or .Values.leaderElection.enabled (gt (int .Values.replicaCount) 1) }}
{{- $args = append $args "--leader-elect" }}
{{- end }}
{{- if .Values.admission.enabled }}
{{- $args = append $args (printf "--admission-port=%d" (int .Values.admission.port)) }}
{{- if .Values.admission.refuse }}
{{- $args = append $args "--admission-refuse" }}
{{- end }}
{{- end }}
{{- with concat $args (.Values.extraArgs | default list) }}
{{- toYaml . }}
{{- end }}
{{- end -}}

{{- /*
Whether the Deployment is there with the rolling strategy that Kubernetes fills in where a chart names
none. Server-side apply removes only fields that Helm has set, and Recreate may not stand beside them:
so the first upgrade of such a release sets them, and the next one takes them away.
*/ -}}
{{- define "postgres-operator.rolls" -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "postgres-operator.fullname" .) -}}
{{- if eq (dig "spec" "strategy" "rollingUpdate" "maxSurge" "" $live | toString) "25%" -}}
true
{{- end -}}
{{- end -}}
