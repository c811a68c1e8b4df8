# Every library the project links against; the reasons are in ARCHITECTURE.md.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(mosquitto REQUIRED IMPORTED_TARGET libmosquitto)
pkg_check_modules(openssl REQUIRED IMPORTED_TARGET openssl>=3)
pkg_check_modules(cjson REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
pkg_check_modules(websockets REQUIRED IMPORTED_TARGET libwebsockets)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3>=3.37)
pkg_check_modules(gpiod IMPORTED_TARGET libgpiod>=1.6 libgpiod<2) # driver gpio; says so where there is none

# libnova's Debian package has no .pc file.
find_path(NOVA_INCLUDE_DIR libnova/libnova.h REQUIRED)
find_library(NOVA_LIBRARY nova REQUIRED)
add_library(nova UNKNOWN IMPORTED GLOBAL)
set_target_properties(nova PROPERTIES IMPORTED_LOCATION ${NOVA_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${NOVA_INCLUDE_DIR})
