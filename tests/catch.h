#pragma once
// The one way to Catch2, version 2 or 3. Tests assert with REQUIRE and its relatives; CHECK keeps
// the meaning it has everywhere else in the project (runtime/base/check.h), in whatever order the
// two headers come.

#pragma push_macro("CHECK")
#undef CHECK
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
#undef CHECK
#pragma pop_macro("CHECK")
