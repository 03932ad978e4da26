"""Chemistry, time and machine code; knows no biology."""
