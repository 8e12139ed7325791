/// core/v1: volumes of the cluster and the claims to them.
enum PersistentVolumeTable {
    static let text = #"""
        @io.k8s.api.core.v1
        PersistentVolumeClaim kind=v1 : Asks for storage.
          spec PersistentVolumeClaimSpec : What is asked for.
          status PersistentVolumeClaimStatus default={} : What was given.
        PersistentVolumeClaimSpec : What is asked for.
          accessModes [str] atomic : How it will be mounted.
          selector LabelSelector : Which volumes may be bound.
          resources VolumeResourceRequirements default={} : How much.
          volumeName str : The volume bound.
          storageClassName str : The class.
          volumeMode str enum=Filesystem|Block default="Filesystem" : As files or as a device.
          dataSource TypedLocalObjectReference : Filled from what.
          dataSourceRef TypedObjectReference : Filled from what, in any namespace.
          volumeAttributesClassName str : The class of attributes.
        VolumeResourceRequirements : How much storage.
          limits {Quantity} : The most.
          requests {Quantity} : The least.
        TypedLocalObjectReference atomic : An object of the same namespace, with its kind.
          apiGroup str : Its group.
          kind! str : Its kind.
          name! str : Its name.
        TypedObjectReference : An object, with its kind.
          apiGroup str : Its group.
          kind! str : Its kind.
          name! str : Its name.
          namespace str : Its namespace.
        PersistentVolumeClaimStatus : What was given.
          phase str enum=Pending|Bound|Lost : Where it stands.
          accessModes [str] atomic : How it can be mounted.
          capacity {Quantity} : How much there is.
          conditions [PersistentVolumeClaimCondition] map=type merge=type : Aspects such as Resizing.
          allocatedResources {Quantity} : What a resize asked for.
          allocatedResourceStatuses {str} granular : Where a resize stands.
          currentVolumeAttributesClassName str : The class in use.
          modifyVolumeStatus ModifyVolumeStatus : Where a change of class stands.
        ModifyVolumeStatus : Where a change of class stands.
          targetVolumeAttributesClassName str : The class to be.
          status! str : Pending, InProgress or Infeasible.
        PersistentVolumeClaimCondition : One aspect of a claim.
          type! str : What it is about.
          status! str : True, False or Unknown.
          lastProbeTime Time : When it was looked at.
          lastTransitionTime Time : When it last changed.
          reason str : One word.
          message str : A sentence.
        PersistentVolume kind=v1 : Storage of the cluster.
          spec PersistentVolumeSpec : Where it lies.
          status PersistentVolumeStatus default={} : Whether it is in use.
        PersistentVolumeSpec : Storage and where it lies; exactly one source.
          capacity {Quantity} : How much there is.
          gcePersistentDisk GCEPersistentDiskVolumeSource : A disk of Google's cloud.
          awsElasticBlockStore AWSElasticBlockStoreVolumeSource : A disk of Amazon's cloud.
          hostPath HostPathVolumeSource : A path of the node.
          glusterfs GlusterfsPersistentVolumeSource : A Gluster volume.
          nfs NFSVolumeSource : An NFS export.
          rbd RBDPersistentVolumeSource : A Ceph block device.
          iscsi ISCSIPersistentVolumeSource : An iSCSI disk.
          cinder CinderPersistentVolumeSource : A disk of OpenStack.
          cephfs CephFSPersistentVolumeSource : A Ceph file system.
          fc FCVolumeSource : A fibre channel disk.
          flocker FlockerVolumeSource : A Flocker volume.
          flexVolume FlexPersistentVolumeSource : A volume of a FlexVolume driver.
          azureFile AzureFilePersistentVolumeSource : A file share of Azure.
          vsphereVolume VsphereVirtualDiskVolumeSource : A disk of vSphere.
          quobyte QuobyteVolumeSource : A Quobyte mount.
          azureDisk AzureDiskVolumeSource : A disk of Azure.
          photonPersistentDisk PhotonPersistentDiskVolumeSource : A disk of Photon.
          portworxVolume PortworxVolumeSource : A Portworx volume.
          scaleIO ScaleIOPersistentVolumeSource : A ScaleIO volume.
          local LocalVolumeSource : A disk or directory of one node.
          storageos StorageOSPersistentVolumeSource : A StorageOS volume.
          csi CSIPersistentVolumeSource : A volume of a CSI driver.
          accessModes [str] atomic : How it can be mounted.
          claimRef ObjectReference granular : The claim bound to it.
          persistentVolumeReclaimPolicy str enum=Retain|Recycle|Delete default="Retain" : What happens when the claim goes.
          storageClassName str : The class.
          mountOptions [str] atomic : Options of the mount.
          volumeMode str enum=Filesystem|Block default="Filesystem" : As files or as a device.
          nodeAffinity VolumeNodeAffinity : From which nodes it is reached.
          volumeAttributesClassName str : The class of attributes.
        LocalVolumeSource : A disk or directory of one node.
          path! str : The path.
          fsType str : The file system.
        CSIPersistentVolumeSource : A volume of a CSI driver.
          driver! str : The driver.
          volumeHandle! str : The driver's name for it.
          readOnly bool : Not to be written to.
          fsType str : The file system.
          volumeAttributes {str} : For the driver.
          controllerPublishSecretRef SecretReference : A secret for the driver.
          nodeStageSecretRef SecretReference : A secret for the driver.
          nodePublishSecretRef SecretReference : A secret for the driver.
          controllerExpandSecretRef SecretReference : A secret for the driver.
          nodeExpandSecretRef SecretReference : A secret for the driver.
        GlusterfsPersistentVolumeSource like=GlusterfsVolumeSource : A Gluster volume.
          endpointsNamespace str : Where the endpoints object is.
        RBDPersistentVolumeSource like=RBDVolumeSource with=LocalObjectReference>SecretReference : A Ceph block device.
        ISCSIPersistentVolumeSource like=ISCSIVolumeSource with=LocalObjectReference>SecretReference : An iSCSI disk.
        CinderPersistentVolumeSource like=CinderVolumeSource with=LocalObjectReference>SecretReference : A disk of OpenStack.
        CephFSPersistentVolumeSource like=CephFSVolumeSource with=LocalObjectReference>SecretReference : A Ceph file system.
        FlexPersistentVolumeSource like=FlexVolumeSource with=LocalObjectReference>SecretReference : A volume of a FlexVolume driver.
        AzureFilePersistentVolumeSource like=AzureFileVolumeSource : A file share of Azure.
          secretNamespace str : Where the credentials are.
        ScaleIOPersistentVolumeSource like=ScaleIOVolumeSource with=LocalObjectReference>SecretReference : A ScaleIO volume.
        StorageOSPersistentVolumeSource like=StorageOSVolumeSource with=LocalObjectReference>ObjectReference : A StorageOS volume.
        SecretReference atomic : A secret of any namespace.
          name str : Its name.
          namespace str : Its namespace.
        VolumeNodeAffinity : From which nodes a volume is reached.
          required NodeSelector : The nodes.
        PersistentVolumeStatus : Whether a volume is in use.
          phase str enum=Pending|Available|Bound|Released|Failed : Where it stands.
          message str : A sentence.
          reason str : One word.
          lastPhaseTransitionTime Time : When phase last changed.
        """#
}
