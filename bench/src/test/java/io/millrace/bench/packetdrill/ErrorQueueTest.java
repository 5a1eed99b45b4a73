package io.millrace.bench.packetdrill;

import static io.millrace.bench.packetdrill.Scripts.assertPasses;
import static io.millrace.bench.packetdrill.Scripts.assertReports;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a script says of an entry of the error queue that is not so. */
final class ErrorQueueTest {
    /** One send, told of when it was made. */
    private static final String SCRIPT =
            """
            0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
            +0 bind(3, ..., ...) = 0
            +0 listen(3, 1) = 0
            +0 < S 0:0(0) win 32792 <mss 1000>
            +0 > S. 0:0(0) ack 1 <mss 1460>
            +.1 < . 1:1(0) ack 1 win 257
            +0 accept(3, ..., ...) = 4
            +0 setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, [FLAGS], 4) = 0
            +0 write(4, ..., 10) = 10
            +0 > P. 1:11(10) ack 1
            +0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{...,0}], msg_flags=MSG_ERRQUEUE|MSG_TRUNC, msg_control=[
                {cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0,scm_nsec=100000000}},
                {cmsg_level=CMSG_LEVEL_IP, cmsg_type=CMSG_TYPE_RECVERR, cmsg_data={ee_errno=ENOMSG,
                 ee_origin=SO_EE_ORIGIN_TIMESTAMPING, ee_type=0, ee_code=0, ee_info=SCM_TSTAMP_SCHED, ee_data=9}}
                ]}, MSG_ERRQUEUE) = 0
            """.replace("FLAGS", "SOF_TIMESTAMPING_TX_SCHED|SOF_TIMESTAMPING_SOFTWARE|SOF_TIMESTAMPING_OPT_ID");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "ee_data=9 | ee_data=10 | Expected ee_data 10 but got 9",
                "SCM_TSTAMP_SCHED | SCM_TSTAMP_ACK | Expected ee_info 2 but got 1",
                "ENOMSG | EPIPE | Expected ee_errno 32 but got 42",
                "ORIGIN_TIMESTAMPING | ORIGIN_ZEROCOPY | Expected ee_origin 5 but got 4",
                "nsec=100000000 | nsec=90000000 | Expected a time of 90000 us but got 100000 us, tolerance 4000",
                "ERRQUEUE+MSG_TRUNC | ERRQUEUE | Expected msg_flags MSG_ERRQUEUE but got 0x2020",
            })
    void shouldSayWhatIsNotAsTheScriptSays(String right, String wrong, String report) {
        final String from = right.replace('+', '|');
        assertReports(Verdict.FAIL, "a.pkt:11: " + report, SCRIPT.replace(from, wrong));
    }

    @Test
    void shouldPassWhenAllIsAsTheScriptSays() {
        assertPasses(SCRIPT);
    }
}
