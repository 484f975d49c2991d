// The first lines of every file of a portable build (node native/build.mjs --portable): what is compiled on Debian 13 must
// run with glibc 2.35 (Ubuntu 22.04, JetPack 6). libstdc++ and libgcc are linked into each library, see targets.mjs;
// deploy/package/elf.ts reads the result and refuses what needs more.
#include <features.h>

// Since 2.38 strtol and its family are other symbols, which read 0b11 too. Nothing here wants that.
#undef __GLIBC_USE_C23_STRTOL
#define __GLIBC_USE_C23_STRTOL 0
#undef __GLIBC_USE_C2X_STRTOL
#define __GLIBC_USE_C2X_STRTOL 0

#include <cstdlib>

// libstdc++.a of this machine was compiled against a newer glibc, and asks for that symbol itself.
extern "C" __attribute__((weak, visibility("hidden"))) unsigned long __isoc23_strtoul(const char* text, char** end,
                                                                                     int base) {
  return std::strtoul(text, end, base);
}
