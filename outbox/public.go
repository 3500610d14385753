package outbox

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"syscall"
)

// errPrivate says that a name leads to where no webhook may be. It names neither.
var errPrivate = errors.New("the address is not public")

// gate refuses a connection to any address but those where a webhook may be. It is asked when names are looked up, with the address that is connected to: what a name said before, or says next,
// does not matter.
type gate struct {
	isPrivate bool           // whether it may be at addresses that are not public
	denied    []netip.Prefix // where it may not be in any case, such as the server's own network with public addresses
}

func (g gate) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" || !g.isOpen(to.Addr().Unmap().WithZone("")) {
		return errPrivate
	}
	return nil
}

func (g gate) isOpen(address netip.Addr) bool {
	return (g.isPrivate || isPublic(address)) && !slices.ContainsFunc(g.denied, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// special are the addresses that are no server of somebody else, of those that could be taken for public ones: RFC 6890 and its kin, ways from IPv6 into IPv4, whose ends are not seen here,
// and what clouds have beside the usual places.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32",                                                                       // Azure's own services
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", // of 2000::/3, which alone is public
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// global is the part of IPv6 that is given out at all: the others are loopback, private, link-local, multicast, mapped or nothing.
var global = netip.MustParsePrefix("2000::/3")

func isPublic(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.Is6() && !global.Contains(address) {
		return false
	}
	for _, prefix := range special {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}
