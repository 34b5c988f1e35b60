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

{{- define "lamina.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The pod's and the container's security context: the "restricted" pod security standard. */}}
{{- define "lamina.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .Values.securityContext.runAsUser }}
runAsGroup: {{ .Values.securityContext.runAsGroup }}
fsGroup: {{ .Values.securityContext.fsGroup }}
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

{{/* The arguments of `serve`, one list item per line. */}}
{{- define "lamina.arguments" -}}
- serve
- --host=0.0.0.0
- --port=8080
{{- if .Values.model.existingClaim }}
- {{ printf "--model=/models/%s" .Values.model.file | quote }}
{{- end }}
{{- with .Values.model.name }}
- {{ printf "--model-name=%s" . | quote }}
{{- end }}
{{- if .Values.apiKeys.existingSecret }}
- --api-key-file=/etc/lamina/api-keys/keys
{{- end }}
- --drain-timeout={{ int .Values.shutdown.drainSeconds }}
- --log-format={{ .Values.server.logFormat }}
- --log-level={{ .Values.server.logLevel }}
{{- with .Values.server.threads }}
- --threads={{ int . }}
{{- end }}
{{- with .Values.server.maxContext }}
- --max-context={{ int . }}
{{- end }}
{{- with .Values.server.maxSequences }}
- --max-sequences={{ int . }}
{{- end }}
{{- if not (kindIs "invalid" .Values.server.maxQueue) }}
- --max-queue={{ int .Values.server.maxQueue }}
{{- end }}
{{- with .Values.server.kvCacheMemory }}
- --kv-cache-memory={{ . }}
{{- end }}
{{- with .Values.server.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}
