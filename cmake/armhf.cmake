# Smaller gateways: 32 bits, where size_t, long and, unless it is asked for more, time_t are narrow.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(EDGE_ARCH armhf)
set(EDGE_TRIPLET arm-linux-gnueabihf)
set(EDGE_QEMU qemu-arm)
set(CMAKE_C_FLAGS_INIT -Wno-format-truncation) # guesses by what was inlined; the texts are the same as on amd64
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
