# Big endian: finds what only works where the low byte comes first.
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(EDGE_ARCH s390x)
set(EDGE_TRIPLET s390x-linux-gnu)
set(EDGE_QEMU qemu-s390x)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
