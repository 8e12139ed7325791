/// core/v1: volumes of pods and the sources they come from.
enum VolumeTable {
    static let text = #"""
        @io.k8s.api.core.v1
        Volume : Storage of a pod, from exactly one source; an empty directory if none is named.
          name! str : The name containers mount it by.
          hostPath HostPathVolumeSource : A path of the node.
          emptyDir EmptyDirVolumeSource : A directory that lives as long as the pod.
          gcePersistentDisk GCEPersistentDiskVolumeSource : A disk of Google's cloud.
          awsElasticBlockStore AWSElasticBlockStoreVolumeSource : A disk of Amazon's cloud.
          gitRepo GitRepoVolumeSource : A git checkout.
          secret SecretVolumeSource : Files from a secret.
          nfs NFSVolumeSource : An NFS export.
          iscsi ISCSIVolumeSource : An iSCSI disk.
          glusterfs GlusterfsVolumeSource : A Gluster volume.
          persistentVolumeClaim PersistentVolumeClaimVolumeSource : A claim of this namespace.
          rbd RBDVolumeSource : A Ceph block device.
          flexVolume FlexVolumeSource : A volume of a FlexVolume driver.
          cinder CinderVolumeSource : A disk of OpenStack.
          cephfs CephFSVolumeSource : A Ceph file system.
          flocker FlockerVolumeSource : A Flocker volume.
          downwardAPI DownwardAPIVolumeSource : Files that tell about the pod.
          fc FCVolumeSource : A fibre channel disk.
          azureFile AzureFileVolumeSource : A file share of Azure.
          configMap ConfigMapVolumeSource : Files from a config map.
          vsphereVolume VsphereVirtualDiskVolumeSource : A disk of vSphere.
          quobyte QuobyteVolumeSource : A Quobyte mount.
          azureDisk AzureDiskVolumeSource : A disk of Azure.
          photonPersistentDisk PhotonPersistentDiskVolumeSource : A disk of Photon.
          projected ProjectedVolumeSource : Several sources in one directory.
          portworxVolume PortworxVolumeSource : A Portworx volume.
          scaleIO ScaleIOVolumeSource : A ScaleIO volume.
          storageos StorageOSVolumeSource : A StorageOS volume.
          csi CSIVolumeSource : A volume of a CSI driver that lives as long as the pod.
          ephemeral EphemeralVolumeSource : A claim that lives as long as the pod.
          image ImageVolumeSource : The files of an image.
        HostPathVolumeSource : A path of the node.
          path! str : The path.
          type str default="" : What must be there, such as DirectoryOrCreate.
        EmptyDirVolumeSource : A directory that lives as long as the pod.
          medium str : Empty for the node's disk, Memory for tmpfs.
          sizeLimit Quantity : The most it may hold.
        GCEPersistentDiskVolumeSource : A disk of Google's cloud.
          pdName! str : The disk.
          fsType str : The file system.
          partition int32 : The partition.
          readOnly bool : Not to be written to.
        AWSElasticBlockStoreVolumeSource : A disk of Amazon's cloud.
          volumeID! str : The disk.
          fsType str : The file system.
          partition int32 : The partition.
          readOnly bool : Not to be written to.
        GitRepoVolumeSource : A git checkout.
          repository! str : The repository.
          revision str : The commit.
          directory str : Where to.
        SecretVolumeSource : Files from a secret.
          secretName str : The secret.
          items [KeyToPath] atomic : Which keys, as which files.
          defaultMode int32 default=420 : Permissions of the files.
          optional bool : Whether it may be missing.
        KeyToPath : A key as a file.
          key! str : The key.
          path! str : The file.
          mode int32 : Its permissions.
        NFSVolumeSource : An NFS export.
          server! str : The server.
          path! str : The export.
          readOnly bool : Not to be written to.
        ISCSIVolumeSource : An iSCSI disk.
          targetPortal! str : Address and port of the target.
          iqn! str : The target's name.
          lun! int32 : The unit.
          iscsiInterface str default="default" : The interface.
          fsType str : The file system.
          readOnly bool : Not to be written to.
          portals [str] atomic : More targets.
          chapAuthDiscovery bool : CHAP for discovery.
          chapAuthSession bool : CHAP for the session.
          secretRef LocalObjectReference : CHAP secret.
          initiatorName str : Our name.
        GlusterfsVolumeSource : A Gluster volume.
          endpoints! str : The endpoints object.
          path! str : The volume.
          readOnly bool : Not to be written to.
        PersistentVolumeClaimVolumeSource : A claim of this namespace.
          claimName! str : The claim.
          readOnly bool : Not to be written to.
        RBDVolumeSource : A Ceph block device.
          monitors! [str] atomic : The monitors.
          image! str : The image.
          fsType str : The file system.
          pool str default="rbd" : The pool.
          user str default="admin" : The user.
          keyring str default="/etc/ceph/keyring" : The key ring.
          secretRef LocalObjectReference : The user's secret.
          readOnly bool : Not to be written to.
        FlexVolumeSource : A volume of a FlexVolume driver.
          driver! str : The driver.
          fsType str : The file system.
          secretRef LocalObjectReference : A secret for the driver.
          readOnly bool : Not to be written to.
          options {str} : Options of the driver.
        CinderVolumeSource : A disk of OpenStack.
          volumeID! str : The disk.
          fsType str : The file system.
          readOnly bool : Not to be written to.
          secretRef LocalObjectReference : Credentials.
        CephFSVolumeSource : A Ceph file system.
          monitors! [str] atomic : The monitors.
          path str : The directory.
          user str : The user.
          secretFile str : The key ring.
          secretRef LocalObjectReference : The user's secret.
          readOnly bool : Not to be written to.
        FlockerVolumeSource : A Flocker volume.
          datasetName str : By name.
          datasetUUID str : By id.
        DownwardAPIVolumeSource : Files that tell about the pod.
          items [DownwardAPIVolumeFile] atomic : The files.
          defaultMode int32 default=420 : Permissions of the files.
        DownwardAPIVolumeFile : A file that tells about the pod.
          path! str : The file.
          fieldRef ObjectFieldSelector : A field of the pod.
          resourceFieldRef ResourceFieldSelector : A request or a limit.
          mode int32 : Its permissions.
        FCVolumeSource : A fibre channel disk.
          targetWWNs [str] atomic : Targets.
          lun int32 : The unit.
          fsType str : The file system.
          readOnly bool : Not to be written to.
          wwids [str] atomic : World wide ids.
        AzureFileVolumeSource : A file share of Azure.
          secretName! str : Credentials.
          shareName! str : The share.
          readOnly bool : Not to be written to.
        ConfigMapVolumeSource : Files from a config map.
          name str default="" : The config map.
          items [KeyToPath] atomic : Which keys, as which files.
          defaultMode int32 default=420 : Permissions of the files.
          optional bool : Whether it may be missing.
        VsphereVirtualDiskVolumeSource : A disk of vSphere.
          volumePath! str : The disk.
          fsType str : The file system.
          storagePolicyName str : The policy's name.
          storagePolicyID str : The policy's id.
        QuobyteVolumeSource : A Quobyte mount.
          registry! str : The registry.
          volume! str : The volume.
          readOnly bool : Not to be written to.
          user str : The user.
          group str : The group.
          tenant str : The tenant.
        AzureDiskVolumeSource : A disk of Azure.
          diskName! str : The disk.
          diskURI! str : Its address.
          cachingMode str default="ReadWrite" : None, ReadOnly or ReadWrite.
          fsType str default="ext4" : The file system.
          readOnly bool default=false : Not to be written to.
          kind str default="Shared" : Shared, Dedicated or Managed.
        PhotonPersistentDiskVolumeSource : A disk of Photon.
          pdID! str : The disk.
          fsType str : The file system.
        ProjectedVolumeSource : Several sources in one directory.
          sources [VolumeProjection] atomic : The sources.
          defaultMode int32 default=420 : Permissions of the files.
        VolumeProjection : One source of a projected volume.
          secret SecretProjection : From a secret.
          downwardAPI DownwardAPIProjection : About the pod.
          configMap ConfigMapProjection : From a config map.
          serviceAccountToken ServiceAccountTokenProjection : A token.
          clusterTrustBundle ClusterTrustBundleProjection : Certificates to trust.
          podCertificate PodCertificateProjection : A key and its certificate.
        SecretProjection : Files from a secret.
          name str default="" : The secret.
          items [KeyToPath] atomic : Which keys, as which files.
          optional bool : Whether it may be missing.
        DownwardAPIProjection : Files that tell about the pod.
          items [DownwardAPIVolumeFile] atomic : The files.
        ConfigMapProjection : Files from a config map.
          name str default="" : The config map.
          items [KeyToPath] atomic : Which keys, as which files.
          optional bool : Whether it may be missing.
        ServiceAccountTokenProjection : A token of the pod's account.
          audience str : Who it is for.
          expirationSeconds int64 default=3600 : How long it is good.
          path! str : The file.
        ClusterTrustBundleProjection : Certificates to trust.
          name str : One bundle by name.
          signerName str : Bundles by signer.
          labelSelector LabelSelector : Bundles by label.
          optional bool : Whether it may be missing.
          path! str : The file.
        PodCertificateProjection : A key and its certificate.
          signerName! str : Who signs.
          keyType! str : The kind of key.
          maxExpirationSeconds int32 : How long at most.
          credentialBundlePath str : One file for key and chain.
          keyPath str : The key's file.
          certificateChainPath str : The chain's file.
          userAnnotations {str} : For the signer.
        PortworxVolumeSource : A Portworx volume.
          volumeID! str : The volume.
          fsType str : The file system.
          readOnly bool : Not to be written to.
        ScaleIOVolumeSource : A ScaleIO volume.
          gateway! str : The gateway.
          system! str : The system.
          secretRef! LocalObjectReference : Credentials.
          sslEnabled bool : Over TLS.
          protectionDomain str : The domain.
          storagePool str : The pool.
          storageMode str default="ThinProvisioned" : Thick or thin.
          volumeName str : The volume.
          fsType str default="xfs" : The file system.
          readOnly bool : Not to be written to.
        StorageOSVolumeSource : A StorageOS volume.
          volumeName str : The volume.
          volumeNamespace str : Its namespace.
          fsType str : The file system.
          readOnly bool : Not to be written to.
          secretRef LocalObjectReference : Credentials.
        CSIVolumeSource : A volume of a CSI driver that lives as long as the pod.
          driver! str : The driver.
          readOnly bool : Not to be written to.
          fsType str : The file system.
          volumeAttributes {str} : For the driver.
          nodePublishSecretRef LocalObjectReference : A secret for the driver.
        EphemeralVolumeSource : A claim that lives as long as the pod.
          volumeClaimTemplate PersistentVolumeClaimTemplate : The claim.
        PersistentVolumeClaimTemplate : A claim to be made.
          metadata ObjectMeta default={} : Its labels and annotations.
          spec! PersistentVolumeClaimSpec : What it asks for.
        ImageVolumeSource : The files of an image.
          reference str : The image.
          pullPolicy str enum=Always|IfNotPresent|Never : When it is fetched.
        """#
}
