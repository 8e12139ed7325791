// Tests of Fabric.
