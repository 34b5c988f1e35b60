{{/* The pod of the Deployment and of the StatefulSet. */}}
{{- define "lamina.podTemplate" -}}
metadata:
  labels:
    {{- include "lamina.labels" . | nindent 4 }}
    {{- with include "lamina.meshLabels" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with include "lamina.podAnnotations" . | trim }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "lamina.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- include "lamina.imagePullSecrets" . | trim | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "lamina.podSecurityContext" . | nindent 4 }}
  # Longer than all that may still run: or the kubelet kills the streams that are to finish.
  terminationGracePeriodSeconds: {{ add .Values.shutdown.delaySeconds (include "lamina.drainSeconds" .) 10 }}
  {{- if .Values.model.download.enabled }}
  initContainers:
    {{- include "lamina.download" . | nindent 4 }}
  {{- end }}
  containers:
    - name: lamina-llm-serve
      image: {{ include "lamina.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        {{- include "lamina.arguments" . | nindent 8 }}
      env:
        {{- include "lamina.environment" . | nindent 8 }}
      ports:
        - name: http
          containerPort: 8080
          protocol: TCP
      securityContext:
        {{- include "lamina.containerSecurityContext" . | nindent 8 }}
      {{- include "lamina.probes" . | nindent 6 }}
      resources:
        {{- include "lamina.resources" . | nindent 8 }}
      {{- with include "lamina.volumeMounts" . | trim }}
      volumeMounts:
        {{- . | nindent 8 }}
      {{- end }}
  {{- with include "lamina.volumes" . | trim }}
  volumes:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "lamina.topologySpread" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "lamina.podAnnotations" -}}
{{- if .Values.metrics.scrapeAnnotations }}
prometheus.io/scrape: "true"
prometheus.io/port: "8080"
prometheus.io/path: /metrics
{{- if .Values.tls.existingSecret }}
prometheus.io/scheme: https
{{- end }}
{{- end }}
{{- if .Values.model.manifest }}
# The server reads its manifest at the start: a change makes new pods.
checksum/models: {{ include "lamina.manifest" . | sha256sum }}
{{- end }}
{{- include "lamina.meshAnnotations" . }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "lamina.topologySpread" -}}
{{- if kindIs "invalid" .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "lamina.selectorLabels" . | nindent 8 }}
{{- else if .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .Values.topologySpreadConstraints | nindent 2 }}
{{- end }}
{{- end }}
