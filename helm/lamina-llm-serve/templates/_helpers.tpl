{{/* The chart's name, or what replaces it. */}}
{{- define "lamina.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of the resources: the release's, unless that already holds the chart's. */}}
{{- define "lamina.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "lamina.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "lamina.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The full name with an ending, which is never cut off: (list . "models"). */}}
{{- define "lamina.fullnameWith" -}}
{{- $ending := index . 1 }}
{{- printf "%s-%s" (include "lamina.fullname" (index . 0) | trunc (int (sub 62 (len $ending))) | trimSuffix "-") $ending }}
{{- end }}

{{/* Labels that never change in a release's life: a Deployment's selector is immutable. */}}
{{- define "lamina.selectorLabels" -}}
app.kubernetes.io/name: {{ include "lamina.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "lamina.labels" -}}
{{ include "lamina.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "lamina.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "lamina.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The Service's name in the cluster. */}}
{{- define "lamina.host" -}}
{{- printf "%s.%s.svc.%s" (include "lamina.fullname" .) .Release.Namespace .Values.clusterDomain }}
{{- end }}

{{/* http, or https where the server itself speaks TLS. */}}
{{- define "lamina.scheme" -}}
{{- ternary "https" "http" (ne .Values.tls.existingSecret "") }}
{{- end }}

{{/* An image of the values: (list image tag-where-none-is-given). */}}
{{- define "lamina.imageReference" -}}
{{- $image := index . 0 }}
{{- if $image.digest }}
{{- printf "%s@%s" $image.repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $image.repository (default (index . 1) $image.tag) }}
{{- end }}
{{- end }}

{{- define "lamina.image" -}}
{{- include "lamina.imageReference" (list .Values.image .Chart.AppVersion) }}
{{- end }}

{{- define "lamina.toolsImage" -}}
{{- include "lamina.imageReference" (list .Values.toolsImage "") }}
{{- end }}

{{- define "lamina.imagePullSecrets" -}}
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}

{{/* The pod's and the container's security context: the "restricted" pod security standard. */}}
{{- define "lamina.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .Values.securityContext.runAsUser }}
runAsGroup: {{ .Values.securityContext.runAsGroup }}
fsGroup: {{ .Values.securityContext.fsGroup }}
# A volume of many gigabytes is not walked through at every start.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "lamina.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}
