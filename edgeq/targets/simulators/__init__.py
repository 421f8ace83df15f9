"""Simulated boards: Unicorn, QEMU, Renode."""
