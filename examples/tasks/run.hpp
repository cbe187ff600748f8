// The command line of `01_train --task NAME`.
#pragma once

namespace tasks {

// Throws: std::exception, one line. Returns the exit code.
int run(int argc, char** argv);

}  // namespace tasks
