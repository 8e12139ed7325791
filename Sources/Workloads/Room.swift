// The programs that well-known image names stand for in the lab.
