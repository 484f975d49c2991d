// The one place that knows which Fast DDS it is: 2 (ROS 2 up to Jazzy) has the same RTPS layer under other paths and names.
// build.mjs says GOSHAWK_FASTDDS_MAJOR, since the headers of both may lie where the compiler looks.
#pragma once

#if GOSHAWK_FASTDDS_MAJOR == 2
#include "api_2.h"
#else
#include "api_3.h"
#endif
