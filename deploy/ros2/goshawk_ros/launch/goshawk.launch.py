"""Starts Goshawk beside a camera node: ros2 launch goshawk_ros goshawk.launch.py model:=/opt/models/street image:=/camera/image_raw

With managed:=true a lifecycle manager says when it loads and when it takes frames. More remappings and parameters:
arguments:="-r ~/detections:=/detections -p score_threshold:=0.4". Works without the package too: ros2 launch <this file>.
"""

import shlex

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction
from launch.substitutions import LaunchConfiguration


def words(text, option):
    """Each word of a list with its option in front."""
    return [word for each in shlex.split(text) for word in (option, each)]


def start(context):
    def value(name):
        return LaunchConfiguration(name).perform(context)

    command = ['goshawk', 'run', '--model', value('model')]
    source = 'ros:' + value('image')
    more = [part for part in (value('image_qos'), value('image_more')) if part]
    if more:
        source += '?' + '&'.join(more)
    command += ['--source', source, '--publish', 'ros', '--ros', value('adapter')]
    if value('qos'):
        command += ['--ros-qos', ','.join(shlex.split(value('qos')))]
    if value('managed') == 'true':
        command += ['--no-ros-auto-activate']
    if value('bond') == 'true':
        command += ['--ros-bond']
    namespace = value('namespace').strip('/')
    command += ['--ros-args', '-r', '__node:=' + value('node').strip('/')]
    if namespace:
        command += ['-r', '__ns:=/' + namespace]
    command += words(value('remap'), '-r')
    if value('params_file'):
        command += ['--params-file', value('params_file')]
    command += shlex.split(value('arguments'))
    return [ExecuteProcess(cmd=command, output='screen')]


def generate_launch_description():
    def argument(name, default, description):
        return DeclareLaunchArgument(name, default_value=default, description=description)

    return LaunchDescription([
        DeclareLaunchArgument('model', description='folder of the model bundle'),
        argument('image', '/camera/image_raw', 'topic of the camera'),
        argument('image_qos', '', 'of the camera, e.g. reliability=reliable&depth=10'),
        argument('image_more', '', 'what else a source says, e.g. depth_topic=/camera/depth/image_raw'),
        argument('node', 'goshawk', 'name of the node'),
        argument('namespace', '', 'of the node'),
        argument('remap', '', 'other names, by space: ~/detections:=/detections'),
        argument('adapter', 'auto', 'auto, dds, fastdds or rclnodejs'),
        argument('qos', '', 'of topics, by space: detections?reliability=best_effort&depth=1'),
        argument('managed', 'false', 'true: a lifecycle manager configures and activates it'),
        argument('bond', 'false', 'true: keeps the bond of nav2\'s lifecycle manager'),
        argument('params_file', '', 'YAML with parameters, e.g. that of goshawk_ros/config'),
        argument('arguments', '', 'more of them, as after --ros-args'),
        OpaqueFunction(function=start),
    ])
