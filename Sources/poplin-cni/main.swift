print("poplin-cni")
