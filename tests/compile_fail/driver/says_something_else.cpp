// expect: petra: a sentence nobody says
static_assert(false, "petra: another sentence");
