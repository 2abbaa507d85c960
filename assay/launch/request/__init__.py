"""What is asked for, checked whole before anything starts: study, words, configuration, budget."""
