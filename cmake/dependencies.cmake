# What petra stands on: the system's package where there is one, else the pinned release from its repository.
#
# Packages are made visible everywhere (GLOBAL), because a project that takes petra by add_subdirectory links them too.
include(FetchContent)

# petra_headers(package version target repository tag folder): a header-only package. Of a fetched one only the headers are
# used, not its build system: it becomes an imported target of the same name, so petra exports it like a found one.
macro(petra_headers package version target repository tag folder)
  if(NOT TARGET ${target})
    FetchContent_Declare(${package} GIT_REPOSITORY "${repository}" GIT_TAG ${tag} GIT_SHALLOW ON
      SOURCE_SUBDIR nothing_to_build FIND_PACKAGE_ARGS ${version} CONFIG GLOBAL)
    FetchContent_MakeAvailable(${package})
    if(NOT TARGET ${target})
      string(TOLOWER "${package}" petra_package)
      add_library(${target} INTERFACE IMPORTED GLOBAL)
      target_include_directories(${target} SYSTEM INTERFACE "${${petra_package}_SOURCE_DIR}${folder}")
    endif()
  endif()
endmacro()

# petra_library(package version target repository tag [setting value]...): one that has to be built.
macro(petra_library package version target repository tag)
  if(NOT TARGET ${target})
    FetchContent_Declare(${package} GIT_REPOSITORY "${repository}" GIT_TAG ${tag} GIT_SHALLOW ON SYSTEM
      FIND_PACKAGE_ARGS ${version} CONFIG GLOBAL)
    foreach(petra_setting ${ARGN})
      set(${petra_setting} OFF CACHE BOOL "petra does not need it" FORCE)
    endforeach()
    FetchContent_MakeAvailable(${package})
  endif()
endmacro()

if("core" IN_LIST PETRA_COMPONENTS)
  petra_headers(xsimd 8.1 xsimd https://github.com/xtensor-stack/xsimd.git 8.1.0 /include)
  include("${CMAKE_CURRENT_LIST_DIR}/xsimd_without_xtl.cmake")
endif()
# Also what tests and benchmarks compare with.
if("eigen" IN_LIST PETRA_COMPONENTS OR PETRA_BUILD_TESTS OR PETRA_BUILD_BENCHMARKS)
  petra_headers(Eigen3 3.4 Eigen3::Eigen https://gitlab.com/libeigen/eigen.git 3.4.0 "")
endif()
if("petra" IN_LIST PETRA_COMPONENTS)
  petra_library(TBB 2021.5 TBB::tbb https://github.com/oneapi-src/oneTBB.git v2021.8.0 TBB_TEST TBB_EXAMPLES TBB_STRICT)
  find_package(Threads REQUIRED GLOBAL)
  find_package(ZLIB QUIET GLOBAL)
  if(NOT TARGET ZLIB::ZLIB)
    message(FATAL_ERROR "petra: zlib not found. Install zlib1g-dev (Debian, Ubuntu), zlib-devel (Fedora) or zlib (Homebrew), "
      "or do without petra::petra: -DPETRA_COMPONENTS=\"runtime;core\".")
  endif()
endif()
if("xtensor" IN_LIST PETRA_COMPONENTS)
  petra_headers(xtl 0.7 xtl https://github.com/xtensor-stack/xtl.git 0.7.4 /include)
  petra_headers(xtensor 0.24 xtensor https://github.com/xtensor-stack/xtensor.git 0.24.3 /include)
endif()
if(PETRA_BUILD_TESTS)
  petra_headers(doctest 2.4.9 doctest::doctest https://github.com/doctest/doctest.git v2.4.9 "")
endif()
if(PETRA_BUILD_BENCHMARKS)
  petra_library(benchmark 1.7.1 benchmark::benchmark_main https://github.com/google/benchmark.git v1.7.1
    BENCHMARK_ENABLE_TESTING BENCHMARK_ENABLE_INSTALL BENCHMARK_ENABLE_WERROR)
endif()
