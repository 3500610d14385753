package bank_test

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"bankgraph/models"
)

// listen is somebody on this machine whom nobody should call, and who calls.
func listen(t *testing.T) (net.Listener, <-chan string) {
	t.Helper()
	canary, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hits := make(chan string, 1)
	go func() {
		for {
			connection, err := canary.Accept()
			if err != nil {
				close(hits)
				return
			}
			connection.Close()
			hits <- connection.RemoteAddr().String()
		}
	}()
	return canary, hits
}

// privateAddresses are addresses that lead to no public host, or by no safe way: in all spellings, with PORT for that of the listener.
func privateAddresses() []string {
	refused := strings.Fields(`
		http://media.example.com/1.jpg HTTP://media.example.com ftp://media.example.com/1 file:///etc/passwd gopher://media.example.com/1 javascript:alert(1)
		data:image/png;base64,AA== //media.example.com/1 media.example.com/1 https: https:// https:/// https:media.example.com https:/media.example.com
		https://user@media.example.com/1 https://user:pw@media.example.com/1 https://@media.example.com/1 https://media.example.com@127.0.0.1/ http://localhost@evil.example/
		https://media.example.com\@127.0.0.1/ https:\\127.0.0.1/ https://media.example.com\.local/
		https://127.0.0.1:PORT/ https://127.1:PORT/ https://127.0.1/ https://2130706433:PORT/ https://0x7f000001:PORT/ https://0x7f.0.0.1/ https://0177.0.0.1:PORT/
		https://017700000001/ https://0/ https://0.0.0.0:PORT/ https://127.0.0.1.:PORT/ https://[::1]:PORT/ https://[::ffff:127.0.0.1]:PORT/ https://[::]/ https://[fe80::1%25eth0]/
		https://[fd00::1]/ https://10.0.0.1/ https://172.16.0.1/ https://192.168.1.1/ https://169.254.169.254/latest/meta-data/ https://100.64.0.1/ https://8.8.8.8/ https://1.2.3.4.5/
		https://１２７.０.０.１/ https://①②⑦.⓪.⓪.①/ https://127。0。0。1/ https://loc%61lhost/ https://127%2E0%2E0%2E1/ https://ⓛocalhost/ https://exämple.com/
		https://localhost:PORT/ https://LOCALHOST:PORT/ https://localhost.:PORT/ https://a.localhost:PORT/ https://localhost.localdomain/ https://printer/ https://printer.local/
		https://vault.internal/ https://metadata.google.internal/ https://db.corp/ https://nas.home/ https://router.lan/ https://x.home.arpa/ https://1.0.0.127.in-addr.arpa/
		https://x.onion/ https://x.test/ https://x.invalid/ https://media.example.com./ https://.example.com/ https://media..example.com/ https://-x.example.com/
		https://media.example.com:99999999999/ https://media.example.com:/ https://media.example.com:0/ https://media.example.com:65536/ https://media.example.com:99999/
		https://media.example.com:0443/ https://media.example.com:000443/ https://media.example.com:+443/ https://Kelvin.example.com/ https://media.example.Kom:443/ https://media.example.com:-1/ https://media.example.com:x/`)
	return append(refused, "", " ", "https://media.example.com/ 1", "https://media.example.com/\x00", "https://media.example.com/\n", "https://media.example.com/"+strings.Repeat("a", 256-len("https://media.example.com/")),
		"https://"+strings.Repeat("a.", 130)+"com/", "https://media.example.com/"+strings.Repeat("a", 10_000))
}

// TestK01NobodyContactsTheAddressOfAMedium writes addresses of a listener on this machine, in all spellings, and of others that lead to no
// public host. The listener must never be called, also not for what is stored.
func TestK01NobodyContactsTheAddressOfAMedium(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer := h.as(t, "demo-admin"), h.customer(t, "5987953")
	canary, hits := listen(t)
	_, port, _ := net.SplitHostPort(canary.Addr().String())
	refused := privateAddresses()
	for _, address := range refused {
		in := aMedium(customer, nil)
		in.URL = strings.ReplaceAll(address, "PORT", port)
		// The scalar refuses some of them before the verb is asked.
		if _, scalar := models.UnmarshalURL(in.URL); scalar != nil {
			continue
		}
		_, err := h.AddKycMedia(admin, in)
		if refusal, isRefused := errors.AsType[*models.Error](err); !isRefused || refusal.Code != models.BadInput || len(refusal.Fields) == 0 || !slices.Equal(refusal.Fields[0].Path, []string{"input", "url"}) {
			t.Errorf("%.80q is taken, or the path is not named: %v", address, err)
		}
	}
	// The verb alone refuses them as well, but for spellings that only the scalar can tell.
	for _, address := range refused {
		in := aMedium(customer, nil)
		in.URL = strings.ReplaceAll(address, "PORT", port)
		if _, err := h.AddKycMedia(admin, in); err == nil {
			t.Logf("only the scalar refuses %.80q", address)
			if _, scalar := models.UnmarshalURL(in.URL); scalar == nil {
				t.Error("nobody does")
			}
		}
	}
	taken := []string{
		"https://media.example.com/1.jpg", "https://media.example.com:1/", "https://media.example.com:65535", "https://MEDIA.Example.COM/1.jpg", "https://a-b.c_d.example.co.uk:8443/x?y=z#f", "https://xn--exmple-cua.com/", "https://1.example.com",
		"https://127.0.0.1.example.com/", "https://example.xn--p1ai/?u=https://127.0.0.1:" + port + "/", "https://media.example.com/" + strings.Repeat("a", 255-len("https://media.example.com/")),
	}
	for _, address := range taken {
		in := aMedium(customer, nil)
		in.URL = address
		made, err := h.AddKycMedia(admin, in)
		if err != nil || made.Row.URL != address {
			t.Errorf("%.80q is refused: %v", address, err)
		}
	}
	// Postgres refuses by itself what has no public form.
	for _, address := range []string{"https://127.0.0.1/", "https://localhost/", "https://[::1]/", "http://media.example.com/", "https://u@media.example.com/", "https://2130706433/", "https://0x7f.1/"} {
		if _, err := h.store.Pool().Exec(t.Context(), `INSERT INTO kyc_media (kyc_media_id, bank_id, customer_id, type, url, taken_at) VALUES ($1, $2, $3, 'scan', $4, now())`,
			newUUID(t), firstBank, customer.UUID, address); err == nil {
			t.Errorf("Postgres takes %s", address)
		}
	}
	canary.Close()
	for from := range hits {
		t.Errorf("%s called", from)
	}
}

func TestAMediumRelatesToRowsOfItsOwnCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, customer, other := h.as(t, "demo-admin"), h.customer(t, "5987953"), h.others(t)[0]
	check, err := h.AddKycCheck(admin, aCheck(customer, nil))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := h.AddKycCheck(admin, aCheck(other, nil))
	if err != nil {
		t.Fatal(err)
	}
	document := func(of models.ID) models.ID {
		t.Helper()
		id := models.ID{Kind: models.KindKycDocument}
		if err := h.store.Pool().QueryRow(t.Context(), "SELECT kyc_document_id FROM kyc_document WHERE customer_id = $1 LIMIT 1", of.UUID).Scan(&id.UUID); err != nil {
			t.Fatal(err)
		}
		return id
	}
	in := aMedium(customer, nil)
	in.RelatesToKycCheckID, in.RelatesToKycDocumentID = to(check.Row.ID()), to(document(customer))
	made, err := h.AddKycMedia(admin, in)
	if err != nil || *made.Row.RelatesToKycCheckUUID != check.Row.KycCheckID || *made.Row.RelatesToKycDocumentUUID != in.RelatesToKycDocumentID.UUID {
		t.Fatalf("%+v, %v", made.Row, err)
	}
	id := made.Row.KycMediaID
	in.KycMediaID = &id
	if again, err := h.AddKycMedia(admin, in); err != nil || again.Row.KycMediaID != id {
		t.Errorf("the same again: %v", err)
	}
	in.RelatesToKycCheckID = nil
	if _, err := h.AddKycMedia(admin, in); models.CodeOf(err) != models.InvalidState {
		t.Errorf("without the check: %v", err)
	}
	for name, relate := range map[string]func(in *models.AddKycMediaInput){
		"KycCheck":    func(in *models.AddKycMediaInput) { in.RelatesToKycCheckID = to(foreign.Row.ID()) },
		"KycDocument": func(in *models.AddKycMediaInput) { in.RelatesToKycDocumentID = to(document(other)) },
	} {
		in := aMedium(customer, nil)
		relate(&in)
		_, err := h.AddKycMedia(admin, in)
		if refusal := wantRefusal(t, err, models.NotFound, ""); refusal.Resource != name {
			t.Errorf("A01 of another customer: %+v", refusal)
		}
	}
	in = aMedium(customer, nil)
	in.RelatesToKycCheckID = to(document(customer))
	_, err = h.AddKycMedia(admin, in)
	wantRefusal(t, err, models.BadInput, "OBP-10001", "input", "relatesToKycCheckId")
}
