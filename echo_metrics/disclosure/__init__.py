"""What may be shown to whom. The gate is the only maker of released figures."""

from echo_metrics.disclosure.gate import Exact, Policy, Released, Suppressed, gate, policy_for

__all__ = ["Exact", "Policy", "Released", "Suppressed", "gate", "policy_for"]
