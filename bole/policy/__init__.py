"""Policy packs: what may be asked, who answers, and from which article."""
