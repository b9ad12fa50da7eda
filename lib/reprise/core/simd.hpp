// REPRISE_VECTORISED: put before the definition of a function whose loop is worth compiling once
// per vector width. The program picks the widest version that the processor has when it starts.
#pragma once

#include <climits>  // with glibc: also defines __GLIBC_PREREQ, which has no header of its own

// Sanitizers run before the resolvers that target_clones needs, so there is one version under them.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12 && defined(__x86_64__) && \
    defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define REPRISE_VECTORISED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define REPRISE_VECTORISED
#endif

/// For the helpers that such a function calls: without inlining they keep the narrowest version.
#if defined(__GNUC__)
#define REPRISE_ALWAYS_INLINE inline __attribute__((always_inline))
#define REPRISE_INLINE_LAMBDA __attribute__((always_inline))
#else
#define REPRISE_ALWAYS_INLINE inline
#define REPRISE_INLINE_LAMBDA
#endif
