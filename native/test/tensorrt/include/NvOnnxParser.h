// A stand-in of our own, as NvInfer.h beside it.
#pragma once

#include "NvInfer.h"

#define NV_ONNX_PARSER_VERSION 1

namespace nvonnxparser {

class IParserError {
 public:
  virtual const char *desc() const = 0;
  virtual int node() const = 0;
#if NV_TENSORRT_MAJOR >= 10
  virtual const char *nodeName() const = 0;
  virtual const char *nodeOperator() const = 0;
#endif

 protected:
  virtual ~IParserError() = default;
};

class IParser {
 public:
  virtual bool parseFromFile(const char *path, int verbosity) noexcept = 0;
  virtual int getNbErrors() const noexcept = 0;
  virtual const IParserError *getError(int) const noexcept = 0;
  virtual ~IParser() = default;
};

}  // namespace nvonnxparser
