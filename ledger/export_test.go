package ledger

// Verdict is what orders of a batch are told of an error, when a commit of them was sent and not answered or not.
func Verdict(l *Ledger, err error, orders int, isOpen bool) error {
	return l.verdict(err, orders, manner{isOpen: isOpen})
}
