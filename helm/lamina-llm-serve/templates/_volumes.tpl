{{/*
What the server's container sees. Secrets are mounted as folders, since what is mounted by subPath never changes; they are readable by
their owner and the pod's fsGroup.
*/}}
{{- define "lamina.volumeMounts" -}}
{{- if ne .Values.model.source "embedded" }}
- name: models
  mountPath: /models
  readOnly: true
{{- end }}
{{- if .Values.model.manifest }}
- name: manifest
  mountPath: /etc/lamina/models
  readOnly: true
{{- end }}
{{- if .Values.apiKeys.existingSecret }}
- name: api-keys
  mountPath: /etc/lamina/api-keys
  readOnly: true
{{- end }}
{{- if .Values.tls.existingSecret }}
- name: tls
  mountPath: /etc/lamina/tls
  readOnly: true
{{- if ne .Values.tls.clientAuth "none" }}
- name: client-ca
  mountPath: /etc/lamina/client-ca
  readOnly: true
{{- end }}
{{- end }}
{{- if .Values.identity.policy }}
- name: identity
  mountPath: /etc/lamina/identity
  readOnly: true
{{- end }}
{{- if eq (include "lamina.probesOverSocket" .) "true" }}
- name: run
  mountPath: /run/lamina
{{- end }}
{{- end }}

{{- define "lamina.volumes" -}}
{{- include "lamina.modelVolume" . }}
{{- if .Values.model.manifest }}
- name: manifest
  configMap:
    name: {{ include "lamina.fullnameWith" (list . "models") }}
{{- end }}
{{- if .Values.model.download.enabled }}
- name: download-script
  configMap:
    name: {{ include "lamina.fullnameWith" (list . "download") }}
{{- with .Values.model.download.existingSecret }}
{{- include "lamina.secretVolume" (list "download-token" .) }}
{{- end }}
{{- end }}
{{- with .Values.apiKeys.existingSecret }}
{{- include "lamina.secretVolume" (list "api-keys" .) }}
{{- end }}
{{- with .Values.tls.existingSecret }}
{{- include "lamina.secretVolume" (list "tls" .) }}
{{- if ne $.Values.tls.clientAuth "none" }}
{{- include "lamina.secretVolume" (list "client-ca" $.Values.tls.clientCASecret) }}
{{- end }}
{{- end }}
{{- if .Values.identity.policy }}
- name: identity
  configMap:
    name: {{ include "lamina.fullnameWith" (list . "identity") }}
{{- end }}
{{- if eq (include "lamina.probesOverSocket" .) "true" }}
- name: run
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
{{- end }}
{{- end }}

{{/* A volume of a secret: (list name secret). */}}
{{- define "lamina.secretVolume" }}
- name: {{ index . 0 }}
  secret:
    secretName: {{ index . 1 }}
    defaultMode: 0440
{{- end }}
