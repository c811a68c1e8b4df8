# Language, warnings and sanitizers: the same for every target of the project.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_FLAGS_RELEASE "-O2")

add_compile_definitions(_GNU_SOURCE EDGE_VERSION="${PROJECT_VERSION}")
if(CMAKE_SIZEOF_VOID_P EQUAL 4) # a 32-bit Debian's default ends in 2038, and at files of 2 GiB
  add_compile_definitions(_TIME_BITS=64 _FILE_OFFSET_BITS=64)
endif()
add_compile_options(
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wformat=2 -Wundef -Wvla -Wwrite-strings -Wswitch-enum
  -fno-common -fstack-protector-strong)
include_directories(${PROJECT_SOURCE_DIR})

if(EDGE_WERROR)
  add_compile_options(-Werror)
endif()
if(EDGE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(EDGE_TSAN)
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()
if(EDGE_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
elseif(EDGE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(EDGE_LTO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
