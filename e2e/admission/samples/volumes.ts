/** Samples of volumes. */

import type { Volume } from "../../../src/kubernetes/types.gen.ts";
import { CLAIM, FIELD, pod, resources, type Sample } from "./sample.ts";

function volume(name: string, source: Omit<Volume, "name">): Sample {
  return { name: `volume ${name}`, pod: pod({ volumes: [{ name: "v", ...source }] }) };
}

const REF = { name: "s" };
const RESOURCE = { resourceFieldRef: { containerName: "postgres", resource: "limits.cpu" } };

/** Every source of a volume. */
export const VOLUMES: readonly Sample[] = [
  volume("awsElasticBlockStore", { awsElasticBlockStore: { volumeID: "a" } }),
  volume("azureDisk", {
    azureDisk: { diskName: "a", diskURI: "https://a.blob.core.windows.net/b/c.vhd" },
  }),
  volume("azureDisk managed", {
    azureDisk: { diskName: "a", diskURI: "/subscriptions/a", kind: "Managed" },
  }),
  volume("azureFile", { azureFile: { secretName: "a", shareName: "b" } }),
  volume("cephfs", { cephfs: { monitors: ["a"] } }),
  volume("cinder", { cinder: { volumeID: "a" } }),
  volume("configMap", { configMap: { name: "a", items: [{ key: "k", path: "p" }] } }),
  volume("configMap mode", { configMap: { name: "a", defaultMode: 256 } }),
  volume("csi", { csi: { driver: "d.example", volumeAttributes: { a: "b" } } }),
  volume("downwardAPI", { downwardAPI: { items: [{ path: "a", ...FIELD }] } }),
  volume("downwardAPI resource", { downwardAPI: { items: [{ path: "a", ...RESOURCE }] } }),
  volume("emptyDir", { emptyDir: {} }),
  volume("emptyDir memory", { emptyDir: { medium: "Memory", sizeLimit: "1024Mi" } }),
  volume("emptyDir fraction", { emptyDir: { sizeLimit: "1.3333Gi" } }),
  volume("ephemeral", {
    ephemeral: { volumeClaimTemplate: { spec: { ...CLAIM, ...resources("1024Mi") } } },
  }),
  volume("ephemeral fraction", {
    ephemeral: {
      volumeClaimTemplate: {
        metadata: { labels: { a: "b" } },
        spec: { ...CLAIM, ...resources("1.3333Gi"), volumeMode: "Block" },
      },
    },
  }),
  volume("ephemeral source", {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          ...CLAIM,
          ...resources("1G"),
          storageClassName: "x",
          selector: { matchLabels: { a: "b" } },
          dataSource: { kind: "PersistentVolumeClaim", name: "d" },
        },
      },
    },
  }),
  volume("ephemeral source reference", {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          ...CLAIM,
          ...resources("1G"),
          dataSourceRef: {
            apiGroup: "snapshot.storage.k8s.io",
            kind: "VolumeSnapshot",
            name: "d",
          },
        },
      },
    },
  }),
  volume("fc", { fc: { targetWWNs: ["a"], lun: 1 } }),
  volume("flexVolume", { flexVolume: { driver: "a/b" } }),
  volume("flocker", { flocker: { datasetName: "a" } }),
  volume("gcePersistentDisk", { gcePersistentDisk: { pdName: "a" } }),
  volume("gitRepo", { gitRepo: { repository: "https://a.example/b" } }),
  volume("glusterfs", { glusterfs: { endpoints: "a", path: "b" } }),
  volume("hostPath", { hostPath: { path: "/a" } }),
  volume("image", { image: { reference: "registry.example/a:1" } }),
  volume("image latest", { image: { reference: "registry.example/a" } }),
  volume("image digest", { image: { reference: `registry.example/a@sha256:${"a".repeat(64)}` } }),
  volume("image tag and digest", {
    image: { reference: `registry.example:5000/a:latest@sha256:${"a".repeat(64)}` },
  }),
  volume("iscsi", {
    iscsi: { targetPortal: "1.2.3.4:3260", iqn: "iqn.2001-04.com.example:a", lun: 0 },
  }),
  volume("nfs", { nfs: { server: "a", path: "/b" } }),
  volume("persistentVolumeClaim", { persistentVolumeClaim: { claimName: "a" } }),
  volume("photonPersistentDisk", { photonPersistentDisk: { pdID: "a" } }),
  volume("portworxVolume", { portworxVolume: { volumeID: "a" } }),
  volume("projected", {
    projected: {
      sources: [
        { secret: { name: "a", items: [{ key: "k", path: "p" }] } },
        { configMap: { name: "b" } },
        { serviceAccountToken: { path: "t" } },
        { downwardAPI: { items: [{ path: "a", ...FIELD }, { path: "b", ...RESOURCE }] } },
      ],
    },
  }),
  volume("projected trust bundle", {
    projected: { sources: [{ clusterTrustBundle: { name: "a", path: "b" } }] },
  }),
  volume("projected pod certificate", {
    projected: {
      sources: [{
        podCertificate: {
          signerName: "a.example/b",
          keyType: "ED25519",
          credentialBundlePath: "c",
        },
      }],
    },
  }),
  volume("quobyte", { quobyte: { registry: "a:1", volume: "b" } }),
  volume("rbd", { rbd: { monitors: ["a"], image: "b" } }),
  volume("rbd user", { rbd: { monitors: ["a"], image: "b", user: "u", pool: "p" } }),
  volume("scaleIO", {
    scaleIO: { gateway: "https://a", system: "b", volumeName: "c", secretRef: REF },
  }),
  volume("secret", { secret: { secretName: "a" } }),
  volume("storageos", { storageos: { volumeName: "a" } }),
  volume("vsphereVolume", { vsphereVolume: { volumePath: "[a] b" } }),
  volume("without a source", {}),
];
