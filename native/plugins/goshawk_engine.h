/*
 * The seam between Goshawk's core and an inference engine: plain C, so that a plugin built by another compiler, against
 * another standard library, fits.
 *
 * Rules
 *  - A plugin is a shared library that exports one symbol, `goshawk_plugin_open`. It is never unloaded.
 *  - Every struct starts with its own size in bytes. A reader ignores what lies beyond the size it was given, and treats
 *    a function that is missing (beyond the size, or NULL) as "not offered".
 *  - Statuses, never exceptions, cross this line. A plugin never sees napi, and keeps no policy: no queue, no retry.
 *  - A device may be used from several threads at once; an engine may be; a context by one thread at a time, except
 *    `context_cancel`, which any thread may call at any time between create and destroy.
 *  - Strings passed in are UTF-8, NUL-terminated and valid only during the call; strings handed out live as long as the
 *    object they were asked of.
 */
#ifndef GOSHAWK_ENGINE_H
#define GOSHAWK_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#define GOSHAWK_ABI_MAJOR 1u
/* Grows when a function is added at the end of a table; a plugin of an older minor still loads. */
#define GOSHAWK_ABI_MINOR 2u

#define GOSHAWK_MAX_RANK 8

#if defined(__GNUC__)
#define GOSHAWK_EXPORT __attribute__((visibility("default")))
#else
#define GOSHAWK_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t goshawk_status;
enum {
  GOSHAWK_OK = 0,
  /* The caller asked for something that makes no sense: wrong index, wrong shape, unbound tensor. */
  GOSHAWK_INVALID = 1,
  /* The engine cannot do this at all: an operator, a data type, a dynamic shape. */
  GOSHAWK_UNSUPPORTED = 2,
  /* A file, a library or a device is not there. */
  GOSHAWK_NOT_FOUND = 3,
  GOSHAWK_OUT_OF_MEMORY = 4,
  /* The device went away or faulted; every later call on it is expected to fail too. Opened anew it may work again. */
  GOSHAWK_DEVICE_LOST = 5,
  /* Made for another version, another board, another ABI. */
  GOSHAWK_INCOMPATIBLE = 6,
  /* The bytes are damaged or are no model. */
  GOSHAWK_CORRUPT = 7,
  GOSHAWK_CANCELLED = 8,
  GOSHAWK_FAILED = 9,
  /*
   * As GOSHAWK_DEVICE_LOST, and no device of this plugin works again in this process: only a new process helps. To a host
   * that does not know it, it is GOSHAWK_FAILED, as every status that it does not know.
   */
  GOSHAWK_PROCESS_LOST = 10
};

typedef int32_t goshawk_dtype;
enum {
  GOSHAWK_FLOAT32 = 1,
  GOSHAWK_FLOAT16 = 2,
  GOSHAWK_UINT8 = 3,
  GOSHAWK_INT8 = 4,
  GOSHAWK_INT32 = 5,
  GOSHAWK_INT64 = 6,
  GOSHAWK_BOOL = 7
};

typedef struct goshawk_error {
  uint32_t struct_size;
  goshawk_status code;
  /* For a person: what failed and, where a library said why, its own words. */
  char message[1016];
} goshawk_error;

typedef struct goshawk_option {
  const char *key;
  const char *value;
} goshawk_option;

typedef struct goshawk_options {
  uint32_t struct_size;
  uint32_t count;
  const goshawk_option *items;
} goshawk_options;

/* Where the model is: a path, or bytes that stay valid during engine_open only. */
typedef struct goshawk_model {
  uint32_t struct_size;
  uint32_t reserved;
  const char *path;
  const void *bytes;
  uint64_t byte_count;
} goshawk_model;

typedef struct goshawk_tensor {
  uint32_t struct_size;
  goshawk_dtype dtype;
  int32_t is_input;
  int32_t rank;
  /* -1: not known before the shapes of the inputs are set. */
  int64_t dims[GOSHAWK_MAX_RANK];
  const char *name;
} goshawk_tensor;

/*
 * Memory that the engine reads and writes without a copy, where the board allows it. `host` is always readable and
 * writable by the CPU between a completion and the next submit; `device` is the engine's own address or 0.
 */
typedef struct goshawk_buffer {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t bytes;
  void *host;
  uint64_t device;
  uint64_t cookie;
} goshawk_buffer;

typedef int32_t goshawk_encoding;
enum {
  GOSHAWK_RGB8 = 1,
  GOSHAWK_BGR8 = 2,
  GOSHAWK_MONO8 = 3,
  GOSHAWK_NV12 = 4,
  GOSHAWK_YUYV = 5
};

typedef struct goshawk_image {
  uint32_t struct_size;
  goshawk_encoding encoding;
  uint32_t width;
  uint32_t height;
  /* Bytes from one row to the next, of the luma plane for nv12. */
  uint64_t step;
  const void *data;
  uint64_t byte_count;
} goshawk_image;

/* Where in the network's input the picture lies, and how a pixel 0..255 becomes a number: value * alpha[c] + beta[c]. */
typedef struct goshawk_letterbox {
  uint32_t struct_size;
  goshawk_dtype dtype;
  int32_t channels_last;
  int32_t bgr;
  int32_t width;
  int32_t height;
  int32_t left;
  int32_t top;
  int32_t resized_width;
  int32_t resized_height;
  int32_t pad;
  float alpha[3];
  float beta[3];
} goshawk_letterbox;

/* Memory that a picture stays in, as bits. Since 1.2. */
enum {
  /* A dma-buf: a file that a driver gave. */
  GOSHAWK_MEMORY_DMABUF = 1,
  /* Memory of a process, shared by its file. */
  GOSHAWK_MEMORY_MEMFD = 2,
  /* A Jetson's surface: its file is a dma-buf, and `description` is what NvBufSurfaceGetMapParams said of it. */
  GOSHAWK_MEMORY_NVMM = 4
};

#define GOSHAWK_MAX_DESCRIPTION 1024

/* A picture in memory that the host does not read: nv12, rows one after the other. Since 1.2. */
typedef struct goshawk_device_image {
  uint32_t struct_size;
  /* One of the bits above. */
  uint32_t memory;
  uint32_t width;
  uint32_t height;
  /* Open during the call; who needs it longer makes a copy of the descriptor. */
  int32_t file;
  uint32_t description_bytes;
  uint64_t file_bytes;
  /*
   * The same number for the same memory, for as long as somebody holds that memory: what was imported once is used again.
   * Of one pool the host says when it is over.
   */
  uint64_t buffer;
  uint64_t pool;
  /* Luma and chroma, in bytes of the file. */
  uint64_t offset[2];
  uint64_t pitch[2];
  uint8_t description[GOSHAWK_MAX_DESCRIPTION];
} goshawk_device_image;

typedef struct goshawk_device goshawk_device;
typedef struct goshawk_stream goshawk_stream;
typedef struct goshawk_engine goshawk_engine;
typedef struct goshawk_context goshawk_context;

/*
 * Called exactly once per accepted submit: on the submitting thread before `context_submit` returns, or on any thread of
 * the plugin later. `message` is valid during the call and may be NULL. Must not call back into the same context.
 */
typedef void (*goshawk_completion)(void *user, goshawk_status status, const char *message);

/* 0..1, or negative where unknown. Returns nonzero to ask the build to stop. */
typedef int32_t (*goshawk_progress)(void *user, const char *phase, double fraction);

typedef struct goshawk_build {
  uint32_t struct_size;
  uint32_t reserved;
  const char *onnx_path;
  const char *plan_path;
  const char *timing_cache_path;
  uint64_t workspace_bytes;
  goshawk_progress progress;
  void *user;
} goshawk_build;

/* Device memory and streams. */
typedef struct goshawk_memory_api {
  uint32_t struct_size;
  uint32_t reserved;
  goshawk_status (*allocate)(goshawk_device *, uint64_t bytes, goshawk_buffer *out, goshawk_error *);
  void (*release)(goshawk_device *, goshawk_buffer *);
  /* Optional: order of work on the device. NULL streams are allowed everywhere. Of the contexts in a stream one runs at a time. */
  goshawk_status (*stream_create)(goshawk_device *, goshawk_stream **out, goshawk_error *);
  void (*stream_destroy)(goshawk_device *, goshawk_stream *);
  /*
   * Optional: letterbox and normalise on the device, in the order of the stream. A device that was opened with the
   * option "kernels" (a file of compiled kernels) has every input filled this way, and only this way.
   */
  goshawk_status (*letterbox)(goshawk_device *, goshawk_stream *, const goshawk_image *, const goshawk_letterbox *,
                              const goshawk_buffer *destination, goshawk_error *);
  /*
   * Optional, since 1.1: a buffer over the host's own memory, page-aligned and valid until `unwrap`: memory that two
   * processes share. Where it is missing the host copies.
   */
  goshawk_status (*wrap)(goshawk_device *, void *host, uint64_t bytes, goshawk_buffer *out, goshawk_error *);
  void (*unwrap)(goshawk_device *, goshawk_buffer *);
  /*
   * Optional, since 1.2: `letterbox` of a picture that stays where it is. `image_memories` says, as bits, which memory this
   * device takes, and does not change while the device is open: whoever has pictures asks before the first one. The picture
   * is read before the call returns, so that the decoder has its buffer back. `forget_images`: nothing of that pool comes any
   * more; may be called at any time, also for a pool that is not known.
   */
  uint32_t (*image_memories)(goshawk_device *);
  goshawk_status (*letterbox_image)(goshawk_device *, goshawk_stream *, const goshawk_device_image *,
                                    const goshawk_letterbox *, const goshawk_buffer *destination, goshawk_error *);
  void (*forget_images)(goshawk_device *, uint64_t pool);
} goshawk_memory_api;

typedef struct goshawk_engine_api {
  uint32_t struct_size;
  uint32_t reserved;
  goshawk_status (*engine_open)(goshawk_device *, const goshawk_model *, const goshawk_options *, goshawk_engine **out,
                                goshawk_error *);
  void (*engine_close)(goshawk_engine *);
  /* One JSON object: at least {"engine","version","device"}; with "layers":[{"name","type","precision"}] where known. */
  const char *(*engine_describe)(goshawk_engine *);
  uint32_t (*tensor_count)(goshawk_engine *);
  goshawk_status (*tensor_info)(goshawk_engine *, uint32_t index, goshawk_tensor *out);

  goshawk_status (*context_create)(goshawk_engine *, goshawk_stream *, goshawk_context **out, goshawk_error *);
  /* Only when nothing is under way. */
  void (*context_destroy)(goshawk_context *);
  goshawk_status (*context_set_shape)(goshawk_context *, uint32_t index, int32_t rank, const int64_t *dims,
                                      goshawk_error *);
  /* All inputs have their shapes and buffers: afterwards context_tensor tells the shape of every output. */
  goshawk_status (*context_prepare)(goshawk_context *, goshawk_error *);
  goshawk_status (*context_tensor)(goshawk_context *, uint32_t index, goshawk_tensor *out);
  goshawk_status (*context_bind)(goshawk_context *, uint32_t index, const goshawk_buffer *, goshawk_error *);
  /* GOSHAWK_OK: accepted, the completion will be called. Anything else: not accepted, it will not be. */
  goshawk_status (*context_submit)(goshawk_context *, goshawk_completion, void *user, goshawk_error *);
  /*
   * Asks the work under way to end early. It still completes, with GOSHAWK_CANCELLED or with its result. What the device
   * can't stop goes on; a host that gives up on it leaves this context alone until it has completed, and may make another
   * one of the same engine.
   */
  void (*context_cancel)(goshawk_context *);

  /* Optional: ONNX to a plan on disk. Blocks for minutes; meant for a child process. */
  goshawk_status (*build)(goshawk_device *, const goshawk_build *, const goshawk_options *, goshawk_error *);
} goshawk_engine_api;

typedef struct goshawk_plugin {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  const char *name;
  /* Of the engine behind the plugin, e.g. "1.30.0"; may be "" before a device is open. */
  const char *version;
  const goshawk_engine_api *engine;
  const goshawk_memory_api *memory;
  goshawk_status (*device_open)(const goshawk_options *, goshawk_device **out, goshawk_error *);
  /* Only when every engine, buffer and stream of the device is gone. */
  void (*device_close)(goshawk_device *);
  /* One JSON object, e.g. {"device","driver","compute_capability","sm_count","dla_cores","integrated"}. */
  const char *(*device_describe)(goshawk_device *);
} goshawk_plugin;

/* The only symbol of a plugin. Refuses with GOSHAWK_INCOMPATIBLE a host of another major version. */
GOSHAWK_EXPORT goshawk_status goshawk_plugin_open(uint32_t host_abi_major, uint32_t host_abi_minor,
                                                  const goshawk_plugin **out, goshawk_error *);
typedef goshawk_status (*goshawk_plugin_open_fn)(uint32_t, uint32_t, const goshawk_plugin **, goshawk_error *);

#ifdef __cplusplus
}
#endif

#endif
