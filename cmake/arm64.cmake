# What gateways are built from; char is unsigned here.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(EDGE_ARCH arm64)
set(EDGE_TRIPLET aarch64-linux-gnu)
set(EDGE_QEMU qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
