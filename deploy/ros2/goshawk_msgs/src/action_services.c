// The services of the action SwapModel under the names that rclnodejs looks for: it takes every service for one of the folder
// srv, rosidl names those of an action by the folder action. They are the same services; nothing else is made here.
#include "rosidl_runtime_c/service_type_support_struct.h"
#include "rosidl_typesupport_interface/macros.h"

#define GOSHAWK_SYMBOL(folder, name) \
  ROSIDL_TYPESUPPORT_INTERFACE__SERVICE_SYMBOL_NAME(rosidl_typesupport_c, goshawk_msgs, folder, name)

#if defined(_WIN32)
#define GOSHAWK_PUBLIC __declspec(dllexport)
#else
#define GOSHAWK_PUBLIC __attribute__((visibility("default")))
#endif

#define GOSHAWK_SERVICE_OF_ACTION(name) \
  const rosidl_service_type_support_t * GOSHAWK_SYMBOL(action, name)(void); \
  GOSHAWK_PUBLIC const rosidl_service_type_support_t * GOSHAWK_SYMBOL(srv, name)(void); \
  const rosidl_service_type_support_t * GOSHAWK_SYMBOL(srv, name)(void) \
  { \
    return GOSHAWK_SYMBOL(action, name)(); \
  }

GOSHAWK_SERVICE_OF_ACTION(SwapModel_SendGoal)
GOSHAWK_SERVICE_OF_ACTION(SwapModel_GetResult)
