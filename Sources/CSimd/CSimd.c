// SwiftPM wants one source file per C target; everything is in include/CSimd.h.
#include "CSimd.h"
