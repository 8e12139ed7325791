// Tests of IPAMKubernetes.
