{{/*
A pod of `helm test`: (list . name in-the-mesh container). It carries neither the Service's selector nor the server's labels, and the
server's account, so that the mesh knows it.
*/}}
{{- define "lamina.testPod" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $inMesh := index . 2 -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "lamina.fullnameWith" (list $root (printf "test-%s" $name)) }}
  labels:
    app.kubernetes.io/instance: {{ $root.Release.Name }}
    app.kubernetes.io/component: test
    app.kubernetes.io/managed-by: {{ $root.Release.Service }}
    {{- if $inMesh }}
    {{- with include "lamina.meshLabels" $root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- else if $root.Values.istio.enabled }}
    sidecar.istio.io/inject: "false"
    istio.io/dataplane-mode: none
    {{- end }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    {{- if and $inMesh $root.Values.istio.enabled (ne $root.Values.istio.dataPlane "ambient") }}
    # The pod is done when the test is: only a native sidecar goes by itself.
    sidecar.istio.io/nativeSidecar: "true"
    {{- end }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "lamina.serviceAccountName" $root }}
  automountServiceAccountToken: false
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- include "lamina.imagePullSecrets" . | trim | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "lamina.podSecurityContext" $root | nindent 4 }}
  containers:
    - name: {{ $name }}
      {{- index . 3 | trim | nindent 6 }}
      securityContext:
        {{- include "lamina.containerSecurityContext" $root | nindent 8 }}
      resources:
        requests:
          cpu: 50m
          memory: 32Mi
        limits:
          memory: 64Mi
      {{- with include "lamina.testMounts" $root | trim }}
      volumeMounts:
        {{- . | nindent 8 }}
      {{- end }}
  {{- with include "lamina.testVolumes" $root | trim }}
  volumes:
    {{- . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "lamina.testMounts" -}}
{{- if .Values.tests.apiKeySecret }}
- name: api-key
  mountPath: /etc/lamina/api-key
  readOnly: true
{{- end }}
{{- if .Values.tests.clientCertificateSecret }}
- name: client-certificate
  mountPath: /etc/lamina/client-certificate
  readOnly: true
{{- end }}
{{- if .Values.tls.existingSecret }}
- name: tls
  mountPath: /etc/lamina/tls
  readOnly: true
{{- end }}
{{- end }}

{{- define "lamina.testVolumes" -}}
{{- with .Values.tests.apiKeySecret }}
{{- include "lamina.secretVolume" (list "api-key" .) }}
{{- end }}
{{- with .Values.tests.clientCertificateSecret }}
{{- include "lamina.secretVolume" (list "client-certificate" .) }}
{{- end }}
{{- if .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ .Values.tls.existingSecret }}
    defaultMode: 0440
    # Who it is, not the key.
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- end }}

{{/* Whether a test can be let in: with tls.clientAuth `required` it needs a certificate to show. */}}
{{- define "lamina.testsAreLetIn" -}}
{{- and .Values.tests.enabled (or (ne (include "lamina.probesOverSocket" .) "true") (ne .Values.tests.clientCertificateSecret "")) }}
{{- end }}

{{/* The Service's URL. */}}
{{- define "lamina.url" -}}
{{- printf "%s://%s:%d" (include "lamina.scheme" .) (include "lamina.host" .) (int .Values.service.port) }}
{{- end }}

{{/* `health` of our own image, which fails unless the answer is 200: (list . path). */}}
{{- define "lamina.healthTest" -}}
{{- $root := index . 0 -}}
image: {{ include "lamina.image" $root | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args:
  - health
  - --timeout=10
  - --url={{ include "lamina.url" $root }}{{ index . 1 }}
  {{- if $root.Values.tls.existingSecret }}
  - --ca-file=/etc/lamina/tls/ca.crt
  {{- end }}
  {{- if $root.Values.tests.clientCertificateSecret }}
  - --client-certificate=/etc/lamina/client-certificate/tls.crt
  - --client-key=/etc/lamina/client-certificate/tls.key
  {{- end }}
{{- end }}

{{/* A script of files/tests in the image with curl: (list . script). */}}
{{- define "lamina.scriptTest" -}}
{{- $root := index . 0 -}}
image: {{ include "lamina.toolsImage" $root | quote }}
imagePullPolicy: {{ $root.Values.toolsImage.pullPolicy }}
command:
  - sh
  - -euc
  - |
    {{- $root.Files.Get (printf "files/tests/%s" (index . 1)) | nindent 4 }}
env:
  - name: URL
    value: {{ include "lamina.url" $root }}
  - name: KEY_FILE
    value: {{ ternary (printf "/etc/lamina/api-key/%s" $root.Values.tests.apiKeySecretKey) "" (ne $root.Values.tests.apiKeySecret "") | quote }}
  - name: EXPECTED_STATUS
    value: {{ ternary "401" "200" (and (ne $root.Values.apiKeys.existingSecret "") (eq $root.Values.tests.apiKeySecret "")) | quote }}
  - name: CURL_OPTIONS
    value: {{ include "lamina.curlOptions" $root | quote }}
{{- end }}

{{- define "lamina.curlOptions" -}}
{{- if .Values.tls.existingSecret }}--cacert /etc/lamina/tls/ca.crt{{ end }}
{{- if .Values.tests.clientCertificateSecret }} --cert /etc/lamina/client-certificate/tls.crt --key /etc/lamina/client-certificate/tls.key{{ end }}
{{- end }}
