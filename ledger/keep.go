package ledger

import "context"

// Keep moves no money: it locks an account of customers, so that what other rooms read and write of it is decided one after the other. Whether it was done
// already, when a commit was not acknowledged, the order's own questions must tell.
type Keep struct{ Account Party }

type keeping struct{ account Party }

func (k *Keep) prepare(context.Context, *Ledger) (work, error) { return &keeping{k.Account}, nil }

func (k *keeping) needs(n *needs) { n.accounts = append(n.accounts, k.account.key()) }

func (k *keeping) isDone(*books) (Result, bool) { return Result{}, false }

func (k *keeping) decide(b *books) (Result, error) {
	if _, err := b.customers(k.account); err != nil {
		return Result{}, err
	}
	b.kept = true
	return b.result(k.account.key()), nil
}
