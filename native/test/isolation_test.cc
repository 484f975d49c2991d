// What a process takes from another one that may be damaged: any bytes, cut anywhere.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include <thread>

#include "../plugins/isolated/channel.h"
#include "../plugins/isolated/engine_process.h"
#include "../plugins/isolated/shared_memory.h"
#include "check.h"
#include "open_files.h"

namespace goshawk::test {

namespace {

using isolated::Channel;
using isolated::EngineProcess;
using isolated::Packer;
using isolated::Packet;
using isolated::Request;
using isolated::SharedMemory;
using isolated::Unpacker;

std::vector<char> noise(Random &random, int most) {
  std::vector<char> bytes(size_t(random.between(0, most)));
  for (char &byte : bytes) byte = char(random.next());
  return bytes;
}

void reads_nothing_beyond_its_bytes(Random &random, int rounds) {
  for (int i = 0; i < rounds; i++) {
    const std::vector<char> bytes = noise(random, 40);
    Unpacker unpacker(bytes);
    for (int step = 0; step < 10; step++) {
      if (random.between(0, 1) == 0) unpacker.number<uint64_t>();
      else unpacker.text();
    }
    CHECK(!unpacker.ok());
  }
}

void gives_back_what_was_packed() {
  Packer packer;
  packer.number(uint32_t(7)).text("a text").number(int64_t(-3)).text(nullptr);
  Unpacker unpacker(packer.bytes());
  CHECK(unpacker.number<uint32_t>() == 7);
  CHECK(unpacker.text() == "a text");
  CHECK(unpacker.number<int64_t>() == -3);
  CHECK(unpacker.text().empty());
  CHECK(unpacker.ok());
  unpacker.number<uint8_t>();
  CHECK(!unpacker.ok());
}

void survives_any_stream(Random &random, int rounds) {
  for (int i = 0; i < rounds; i++) {
    int ends[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    Channel channel(ends[0]);
    const std::vector<char> bytes = noise(random, 64);
    CHECK(bytes.empty() || ::write(ends[1], bytes.data(), bytes.size()) == ssize_t(bytes.size()));
    ::close(ends[1]);
    Packet packet;
    // A packet of noise may come whole; then comes the end.
    while (channel.receive(packet, 1000) == Channel::Outcome::packet) CHECK(packet.bytes.size() <= 64);
  }
}

void carries_packets_and_memory() {
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  Channel near(ends[0]);
  Channel far(ends[1]);
  SharedMemory made;
  CHECK(made.create(4096));
  static_cast<char *>(made.data())[9] = 'x';
  Packer large;
  const std::string text(3'000'000, 't');
  large.text(text.c_str());
  std::thread sender([&] { CHECK(near.send(5, large, made.file())); });
  Packet packet;
  CHECK(far.receive(packet) == Channel::Outcome::packet);
  sender.join();
  CHECK(packet.kind == 5);
  CHECK(Unpacker(packet.bytes).text() == text);
  SharedMemory opened;
  CHECK(opened.open(packet.file, 4096));
  CHECK(static_cast<char *>(opened.data())[9] == 'x');
  // Nobody can take it away under the other's feet.
  CHECK(::ftruncate(opened.file(), 0) != 0);
  SharedMemory larger;
  CHECK(!larger.open(::dup(made.file()), 8192));
  Packet none;
  CHECK(far.receive(none, 1) == Channel::Outcome::late);
}

/// A packet with so many descriptors, and nothing else in it.
void send_with_files(int socket, size_t count) {
  char header[8] = {};
  iovec part = {header, sizeof header};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char room[CMSG_SPACE(4 * sizeof(int))] = {};
  message.msg_control = room;
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  cmsghdr *control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(count * sizeof(int));
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (size_t i = 0; i < count; i++) std::memcpy(CMSG_DATA(control) + i * sizeof(int), &file, sizeof file);
  CHECK(::sendmsg(socket, &message, 0) == ssize_t(sizeof header));
  ::close(file);
}

/// A packet has one descriptor or none: of more, none is kept.
void keeps_one_descriptor() {
  // The emulator of another processor receives what there is no room for, and keeps it open itself.
  if (::getenv("RUNNER") != nullptr) return;
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  Channel far(ends[1]);
  const int before = open_files();
  for (size_t count = 1; count <= 4; count++) {
    send_with_files(ends[0], count);
    Packet packet;
    CHECK(far.receive(packet, 1000) == Channel::Outcome::packet);
    CHECK((packet.file >= 0) == (count == 1));
    if (packet.file >= 0) ::close(packet.file);
    CHECK(open_files() == before);
  }
  ::close(ends[0]);
}

void tells_what_became_of_its_process() {
  goshawk_error error = {};
  error.struct_size = sizeof error;
  Packet none;
  const auto absent = EngineProcess::start("/nowhere/host", &error);
  if (absent == nullptr) CHECK(error.code == GOSHAWK_NOT_FOUND);
  // The emulator of another processor starts a copy of this process, which finds out later.
  else CHECK(absent->ask(Request::open_plugin, Packer(), none, &error) == GOSHAWK_DEVICE_LOST);
  auto process = EngineProcess::start("/bin/true", &error);
  CHECK(process != nullptr);
  Packet answer;
  CHECK(process->ask(Request::open_plugin, Packer(), answer, &error) == GOSHAWK_DEVICE_LOST);
  CHECK(std::string(error.message).find("ended with status 0") != std::string::npos);
}

}  // namespace

void isolation(int rounds) {
  Random random(11);
  gives_back_what_was_packed();
  reads_nothing_beyond_its_bytes(random, rounds);
  survives_any_stream(random, rounds);
  carries_packets_and_memory();
  keeps_one_descriptor();
  tells_what_became_of_its_process();
}

}  // namespace goshawk::test
