"""Scheduled visits: plans, due times, the queue of runners, outcomes and reports."""
