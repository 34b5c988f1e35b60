"""Values that switch every feature of the charts on, one or a few at a time."""

from __future__ import annotations

_DIGEST = "sha256:" + "a" * 64
_DOWNLOAD = {"enabled": True, "url": "https://models.example/llama.gguf", "sha256": "b" * 64}
_VOLUME = {"source": "volume", "file": "llama.gguf"}
_POLICIES = {
    "enabled": True,
    "virtualService": {"hosts": ["llm.example.org"], "gateways": ["istio-gateway/lamina"]},
    "authorizationPolicy": {"clients": ["agents/planner", "istio-gateway/*"], "scrapers": ["monitoring/prometheus"]},
}
_MUTUAL_TLS = {"existingSecret": "tls", "clientAuth": "required", "clientCASecret": "clients"}

_SERVER = {
    "defaults": {},
    "names": {
        "global": {"of": "a parent chart"},
        "enabled": True,
        "nameOverride": "other",
        "clusterDomain": "example.internal",
        "serviceAccount": {"create": True, "name": "llm", "annotations": {"d.example/e": "f"}},
        "podAnnotations": {"g.example/h": "i"},
        "podLabels": {"j.example/k": "l"},
    },
    "no account of its own": {"serviceAccount": {"create": False}, "fullnameOverride": "llm"},
    "images": {
        "image": {"repository": "registry.example/lamina", "digest": _DIGEST, "pullPolicy": "Always"},
        "toolsImage": {"repository": "registry.example/curl", "digest": _DIGEST, "pullPolicy": "Always"},
        "imagePullSecrets": ["registry"],
    },
    "development": {
        "preset": "development",
        "model": {"source": "existingClaim", "existingClaim": "models", "file": "a/b.gguf"},
    },
    "production": {"preset": "production", "model": {**_VOLUME, "download": _DOWNLOAD}},
    "stateful set": {
        "workload": "StatefulSet",
        "replicaCount": 3,
        "model": {**_VOLUME, "volume": {"size": "50Gi", "storageClassName": "fast"}, "download": _DOWNLOAD},
    },
    "a shared volume": {
        "replicaCount": 2,
        "model": {
            **_VOLUME,
            "volume": {"accessModes": ["ReadWriteMany"]},
            "download": {**_DOWNLOAD, "existingSecret": "hub"},
        },
    },
    "several models": {
        "model": {
            "source": "existingClaim",
            "existingClaim": "models",
            "name": "large",
            "manifest": {
                "small": {"file": "llama3.2-1b-q4_k_m.gguf"},
                "large": {
                    "file": "llama3/8b-q4_k_m.gguf",
                    "description": "Slower: \"better\" <answers> # of 8B",
                    "aliases": ["chat", "null", "a: b"],
                    "maxContext": 1048576,
                    "kvType": "q8_0",
                },
            },
        },
    },
    "server": {
        "server": {
            "threads": 4,
            "maxContext": 4096,
            "maxSequences": 8,
            "maxQueue": 0,
            "maxQueuePerTenant": 2,
            "kvCacheMemory": "4G",
            "kvType": "q8_0",
            "requestTimeout": 600,
            "logFormat": "text",
            "logLevel": "debug",
            "extraArgs": ["--max-body=16M"],
            "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"}],
        },
        "model": {"name": "llama"},
        "apiKeys": {"existingSecret": "keys-of-llama", "protectMetrics": True},
        "tracing": {"endpoint": "http://jaeger:4318", "serviceName": "llama", "samplerRatio": 0.5},
        "startup": {"seconds": 1800},
        "shutdown": {"delaySeconds": 7, "drainSeconds": 300},
        "service": {"type": "LoadBalancer", "port": 8000, "annotations": {"a.example/b": "c"}},
        "tests": {"apiKeySecret": "key-of-tests"},
    },
    "places": {
        "resources": {"requests": {"cpu": 4, "memory": "3Gi"}, "limits": {"memory": "4Gi"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "50%"}},
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "tolerations": [{"key": "llm", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"}
        ],
        "priorityClassName": "serving",
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1001, "fsGroup": 1002},
        "podDisruptionBudget": {"maxUnavailable": "50%"},
    },
    "recreate, and nothing around it": {
        "strategy": {"type": "Recreate"},
        "topologySpreadConstraints": [],
        "podDisruptionBudget": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "metrics": {"scrapeAnnotations": False},
        "tests": {"enabled": False},
    },
    "tls": {"tls": {"existingSecret": "tls", "minVersion": "1.3"}},
    "mutual tls": {
        "tls": _MUTUAL_TLS,
        "identity": {
            "allowed": ["spiffe://cluster.local/ns/agents/*"],
            "policy": "inference spiffe://cluster.local/ns/agents/*\nmodels any\n",
            "trustedProxies": ["10.8.0.0/16"],
            "trustedGateways": ["spiffe://cluster.local/ns/gateway/sa/picker"],
        },
        "callerLimits": {"requestsPerMinute": 60, "tokensPerMinute": 100000, "concurrency": 4},
    },
    "mutual tls, tested": {"tls": _MUTUAL_TLS, "tests": {"clientCertificateSecret": "client"}},
    "istio, native sidecars": {
        "istio": _POLICIES,
        "metrics": {"podMonitor": {"enabled": True}},
        "tracing": {"endpoint": "http://j:4318"},
    },
    "istio, classic sidecars": {
        "istio": {**_POLICIES, "dataPlane": "classic"},
        "model": {**_VOLUME, "download": _DOWNLOAD},
    },
    "istio, ambient": {"istio": {**_POLICIES, "dataPlane": "ambient"}, "tracing": {"endpoint": "http://j:4318"}},
    "istio, load reports": {"istio": {"enabled": True, "loadReports": {"enabled": True, "namespace": "agents"}}},
    "istio, hashed": {
        "istio": {
            "enabled": True,
            "destinationRule": {"loadBalancing": "consistentHash"},
            "peerAuthentication": {"mode": "PERMISSIVE"},
        }
    },
    "istio, nothing but the pods": {
        "istio": {
            "enabled": True,
            **{
                part: {"enabled": False}
                for part in (
                    *("virtualService", "destinationRule", "peerAuthentication"),
                    *("authorizationPolicy", "telemetry", "sidecar"),
                )
            },
        }
    },
    "gateway api": {
        "gatewayAPI": {
            "httpRoute": {"enabled": True, "parentRefs": [{"name": "lamina"}], "hostnames": ["llm.example.org"]}
        }
    },
    "inference pool": {
        "gatewayAPI": {
            "httpRoute": {"enabled": True, "parentRefs": [{"name": "lamina"}]},
            "inferencePool": {"enabled": True, "endpointPicker": "picker"},
        }
    },
    "hpa": {"autoscaling": {"kind": "hpa"}},
    "keda": {
        "autoscaling": {
            "kind": "keda",
            "keda": {"prometheusAddress": "http://prometheus:9090", "authenticationRef": "prometheus"},
        }
    },
    "network policy": {
        "networkPolicy": {
            "allowedNamespaces": ["istio-gateway", "agents"],
            "extraIngress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
            "extraEgress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        }
    },
    "monitoring": {
        "metrics": {
            "serviceMonitor": {"enabled": True, "labels": {"release": "monitoring"}},
            "podMonitor": {"enabled": True, "labels": {"release": "monitoring"}},
            "prometheusRule": {
                "enabled": True,
                "labels": {"release": "monitoring"},
                "disabled": ["LaminaAbsent"],
                "additionalRules": [{"alert": "Mine", "expr": "lamina_requests_waiting > 1"}],
            },
            "dashboards": {"enabled": True},
        }
    },
    "extra objects": {
        "extraObjects": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-mapping"}},
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n",
        ]
    },
}
# Within the restricted pod security standard, or known to the oldest Kubernetes, these are not.
HOST_PATH = {"model": {"source": "hostPath", "file": "llama.gguf", "hostPath": {"path": "/srv/models"}}}
IMAGE_VOLUME = {"model": {"source": "image", "file": "llama.gguf", "image": {"reference": "registry.example/llama:1"}}}

VARIANTS: dict[str, dict[str, dict]] = {
    "lamina-llm-serve": _SERVER,
    "metallb": {
        "defaults": {},
        "pools": {
            "addressPools": [
                {"name": "local", "addresses": ["192.168.64.240-192.168.64.250", "fd00::/120"]},
                {"name": "reserved", "addresses": ["192.168.65.0/28"], "autoAssign": False},
            ],
            "layer2": {"interfaces": ["eth0"], "nodeSelector": {"edge": "true"}},
            "tests": {"address": "192.168.64.250"},
        },
        "bgp": {"addressPools": [{"name": "bgp", "addresses": ["10.1.0.0/24"]}], "layer2": {"enabled": False}},
    },
    "service-mesh": {
        "defaults": {},
        "permissive": {"mtls": "PERMISSIVE", "defaultDeny": False, "telemetry": {"accessLog": "none"}},
        "host server": {
            "domain": "example.org",
            "hostServer": {"enabled": True, "address": "192.168.5.2"},
            "telemetry": {"accessLog": "all"},
            "gateway": {"strictTransportSecurity": 0},
        },
        "nothing around it": {
            "networkPolicy": {"enabled": False},
            "tests": {"enabled": False},
            "routes": [],
            "allow": [],
        },
    },
    "monitoring": {
        "defaults": {},
        "without the mesh": {"meshMetrics": {"enabled": False}, "networkPolicy": {"queryNamespaces": []}},
        "excluded namespaces": {"meshMetrics": {"excludedNamespaces": ["lamina-system"]}},
        "nothing around it": {"networkPolicy": {"enabled": False}, "tests": {"enabled": False}},
    },
    "observability": {
        "defaults": {},
        "jaeger alone": {"kiali-server": {"enabled": False}, "traces": {"size": "1Gi", "storageClassName": "slow"}},
        "nothing around it": {
            "networkPolicy": {"enabled": False},
            "podDisruptionBudget": {"enabled": False},
            "tests": {"enabled": False},
            "traces": {"createClaim": False},
        },
    },
}
