"""The command line: one file a command, one public function each; the only room that may use all the others."""
