static_assert(false, "petra: rejected, but nothing was promised");
