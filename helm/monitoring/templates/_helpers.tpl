{{- define "monitoring.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* A pod of `helm test` that runs a script of files/tests: (list . name script environment). */}}
{{- define "monitoring.testPod" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ printf "%s-test-%s" ($root.Release.Name | trunc 40 | trimSuffix "-") (index . 1) }}
  labels:
    {{- include "monitoring.labels" $root | nindent 4 }}
    app.kubernetes.io/component: test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    # The pod is done when the test is: only a native sidecar goes by itself.
    sidecar.istio.io/nativeSidecar: "true"
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: {{ index . 1 }}
      image: {{ printf "%s:%s" $root.Values.tests.image.repository $root.Values.tests.image.tag | quote }}
      imagePullPolicy: IfNotPresent
      command:
        - sh
        - -c
        - |
          {{- $root.Files.Get (printf "files/tests/%s.sh" (index . 1)) | trim | nindent 10 }}
      env:
        {{- range $name, $value := index . 2 }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop:
            - ALL
      resources:
        requests:
          cpu: 50m
          memory: 32Mi
        limits:
          memory: 64Mi
{{- end }}
