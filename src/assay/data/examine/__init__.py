"""What people bring is checked before it is believed: one small pure function a question."""
