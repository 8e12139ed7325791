// The machine's zlib (Debian: zlib1g-dev), for the bodies that the API server compresses.
#include <zlib.h>
