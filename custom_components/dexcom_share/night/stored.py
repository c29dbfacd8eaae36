"""What is kept of the chains across restarts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..watch.chain import Chain
from .proof import Proof


@dataclass(slots=True, kw_only=True)
class ChainState:
    """What is kept of a chain across restarts."""

    chain: Chain = field(default_factory=Chain)
    proof: Proof = field(default_factory=Proof)


def parse_chains(stored: Mapping[str, object]) -> dict[str, tuple[ChainState, object]]:
    """Return what is kept of each chain; where a chain is damaged, the alerts tell what is unanswered."""
    chains = stored["chains"]
    if not isinstance(chains, Mapping):
        raise TypeError(type(chains).__name__)
    return {chain_id: _state(each) for chain_id, each in chains.items()}


def _state(stored: object) -> tuple[ChainState, object]:
    """Return what is kept of one chain."""
    if not isinstance(stored, Mapping):
        return ChainState(), None
    try:
        chain = Chain.from_dict(stored["chain"])
    except AttributeError, KeyError, TypeError, ValueError:
        chain = Chain()
    return ChainState(chain=chain, proof=Proof.from_dict(stored.get("proof"))), stored.get("loans")
