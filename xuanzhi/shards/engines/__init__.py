"""Engines that share out inputs: processes of this machine, tasks of Ray. They call `work` and decide nothing."""
