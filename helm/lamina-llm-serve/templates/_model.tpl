{{/* Whether each replica has a claim of its own, which the StatefulSet makes. */}}
{{- define "lamina.claimPerReplica" -}}
{{- and (eq .Values.workload "StatefulSet") (eq .Values.model.source "volume") }}
{{- end }}

{{/* The claim that this chart makes, as a PersistentVolumeClaim's spec. */}}
{{- define "lamina.claimSpec" -}}
accessModes:
  {{- toYaml .Values.model.volume.accessModes | nindent 2 }}
{{- with .Values.model.volume.storageClassName }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.model.volume.size }}
{{- end }}

{{/* The pod's volume with the model; empty where the image has it or the StatefulSet brings it. */}}
{{- define "lamina.modelVolume" -}}
{{- $model := .Values.model }}
{{- if eq $model.source "existingClaim" }}
- name: models
  persistentVolumeClaim:
    claimName: {{ $model.existingClaim }}
    readOnly: {{ not $model.download.enabled }}
{{- else if and (eq $model.source "volume") (ne (include "lamina.claimPerReplica" .) "true") }}
- name: models
  persistentVolumeClaim:
    claimName: {{ include "lamina.fullnameWith" (list . "models") }}
{{- else if eq $model.source "image" }}
- name: models
  image:
    reference: {{ $model.image.reference | quote }}
    pullPolicy: {{ $model.image.pullPolicy }}
{{- else if eq $model.source "hostPath" }}
- name: models
  hostPath:
    path: {{ $model.hostPath.path | quote }}
    type: Directory
{{- end }}
{{- end }}

{{/*
The server's manifest. JSON's strings are YAML's; numbers would lose their form in toYaml (131072 is fine, 1.048576e+06 is not).
*/}}
{{- define "lamina.manifest" -}}
models:
{{- range $name, $model := .Values.model.manifest }}
  {{ $name | toJson }}:
    path: {{ printf "/models/%s" $model.file | toJson }}
{{- with $model.description }}
    description: {{ . | toJson }}
{{- end }}
{{- with $model.aliases }}
    aliases: {{ . | toJson }}
{{- end }}
{{- with $model.maxContext }}
    max_context: {{ int64 . }}
{{- end }}
{{- with $model.kvType }}
    kv_type: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The init container that fetches the model. */}}
{{- define "lamina.download" -}}
- name: download
  image: {{ include "lamina.toolsImage" . | quote }}
  imagePullPolicy: {{ .Values.toolsImage.pullPolicy }}
  command:
    - sh
    - /etc/lamina/download/download.sh
  env:
    - name: MODEL_URL
      value: {{ .Values.model.download.url | quote }}
    - name: MODEL_SHA256
      value: {{ .Values.model.download.sha256 | quote }}
    - name: MODEL_FILE
      value: {{ printf "/models/%s" .Values.model.file | quote }}
    {{- if .Values.model.download.existingSecret }}
    - name: TOKEN_FILE
      value: /etc/lamina/download-token/token
    {{- end }}
  securityContext:
    {{- include "lamina.containerSecurityContext" . | nindent 4 }}
  resources:
    requests:
      cpu: 100m
      memory: 64Mi
    limits:
      # The page cache of what is written counts too, and is given up on demand.
      memory: 512Mi
  volumeMounts:
    - name: models
      mountPath: /models
    - name: download-script
      mountPath: /etc/lamina/download
      readOnly: true
    {{- if .Values.model.download.existingSecret }}
    - name: download-token
      mountPath: /etc/lamina/download-token
      readOnly: true
    {{- end }}
{{- end }}
